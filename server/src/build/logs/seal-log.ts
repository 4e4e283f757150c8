import type { BlobStore } from '../../platform/blob-store.js';
import { newId } from '../../platform/ids.js';
import { encodeLogBlock, type LogBlock } from './log-block.js';
import type { LogStore } from './log-store.js';
import type { LogTail, SealedState } from './log-tail.js';
import type { WindowChunk } from './log-window.js';

const BLOCK_BYTES = 1024 * 1024;

/** Chunks that become one block; they end where a line ends, or where the log does. */
export type Portion = { chunks: WindowChunk[]; complete: boolean };

export type SealDeps = { store: LogStore; blobs: BlobStore; sealerId: string; keepDays: number };

/**
 * What to seal now: a block's worth; less when the log is complete or `overdue`. Null: nothing yet.
 */
export function nextPortion(tail: LogTail, overdue: boolean): Portion | null {
  const chunks = tail.unsealed();
  let bytes = 0;
  let whole = 0;
  for (let i = 0; i < chunks.length && bytes < BLOCK_BYTES; i++) {
    const chunk = chunks[i] as WindowChunk;
    if (!chunk.endsInsideLine) whole = i + 1;
    bytes += chunk.text.length;
    if (bytes >= BLOCK_BYTES && whole <= i) bytes = BLOCK_BYTES - 1;
  }
  if (tail.complete && bytes < BLOCK_BYTES) return { chunks, complete: true };
  if (whole === 0 || (bytes < BLOCK_BYTES && !overdue)) return null;
  return { chunks: chunks.slice(0, whole), complete: tail.complete && whole === chunks.length };
}

/**
 * Blob first, then rows, then whoever waits. Dying in between leaves a blob that nobody knows, for the sweep. False: another
 * server has taken over.
 */
export async function sealPortion(deps: SealDeps, tail: LogTail, before: SealedState, portion: Portion): Promise<SealedState | null> {
  const { attemptId } = tail.attempt;
  const block = blockOf(portion.chunks, before.lines);
  const isWorth = block.times.length > 0 || block.marks.length > 0;
  const last = portion.chunks.at(-1);
  const after: SealedState = {
    chunks: before.chunks + portion.chunks.length,
    lines: before.lines + block.times.length,
    seq: Math.max(before.seq, last?.seq ?? 0),
  };
  const stored = isWorth ? await putBlock(deps.blobs, attemptId, block) : null;
  const facts = stored && { firstLine: block.firstLine, lines: block.times.length, rawBytes: block.text.length, ...stored };
  const noted = await deps.store.noteSealed(
    attemptId,
    deps.sealerId,
    { before, after, complete: portion.complete, block: facts },
    deps.keepDays,
  );
  if (noted) return after;
  if (stored) await deps.blobs.delete(stored.blobKey);
  return null;
}

async function putBlock(blobs: BlobStore, attemptId: string, block: LogBlock): Promise<{ blobKey: string; storedBytes: number }> {
  const bytes = await encodeLogBlock(block);
  const blobKey = `logs/${attemptId}/${block.firstLine}-${newId()}`;
  await blobs.put(blobKey, bytes);
  return { blobKey, storedBytes: bytes.length };
}

function blockOf(chunks: WindowChunk[], firstLine: number): LogBlock {
  const parts: Buffer[] = [];
  const times: number[] = [];
  let isOpen = false;
  for (const chunk of chunks) {
    if (chunk.times.length === 0) continue;
    if (times.length > 0 && !isOpen) parts.push(LINE_FEED);
    parts.push(chunk.text);
    for (let i = isOpen ? 1 : 0; i < chunk.times.length; i++) times.push(chunk.times[i] as number);
    isOpen = chunk.endsInsideLine;
  }
  return { firstLine, text: Buffer.concat(parts), times: Float64Array.from(times), marks: chunks.flatMap((chunk) => chunk.marks) };
}

const LINE_FEED = Buffer.from('\n');
