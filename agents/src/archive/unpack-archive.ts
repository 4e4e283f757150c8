import { createReadStream } from 'node:fs';
import { mkdir, realpath, rm } from 'node:fs/promises';
import { join, posix, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createZstdDecompress } from 'node:zlib';
import { shorten } from '@slipway/protocol';
import type { Parser, ReadEntry } from 'tar';

export type ArchiveBounds = { maxEntries: number; maxBytes: number };

export const USUAL_BOUNDS: ArchiveBounds = { maxEntries: 500_000, maxBytes: 20 * 1024 ** 3 };

export type UnpackOptions = { fresh?: boolean; readOnly?: boolean; owner?: { uid: number; gid: number } | null };

/** The archive is refused as a whole; the message says which entry and why. */
export class HostileArchive extends Error {}

const MAX_NAME_BYTES = 4096;
const FILE_TYPES = new Set(['File', 'OldFile', 'ContiguousFile', 'Directory', 'SymbolicLink', 'Link']);

/**
 * Unpacks a tar archive compressed with zstd. What is in it was made by others: names that leave the folder, links that do,
 * devices, names no file should have, and archives beyond the bounds are refused before anything is written.
 * @param fresh the folder is made for this archive alone, and removed again after a failure.
 * @param readOnly files may be read and run by everybody and written by nobody, whatever the archive says.
 * @param owner whose the files become; null: the agent's.
 * @throws HostileArchive, or an error of zlib or the file system.
 */
export async function unpackArchive(
  file: string,
  folder: string,
  bounds = USUAL_BOUNDS,
  { fresh = false, readOnly = false, owner = null }: UnpackOptions = {},
): Promise<void> {
  const { links } = await inspect(file, bounds);
  const { Unpack } = await import('tar'); // loaded when it is needed: most of the time an agent is idle
  await mkdir(folder, { recursive: true });
  try {
    await decompressInto(file, new Unpack({ cwd: folder, preserveOwner: false, strict: true, ...owner, ...(readOnly && FOR_READING) }));
    await refuseLinksThatLeave(folder, links);
  } catch (error) {
    if (fresh) await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
    throw error;
  }
}

/** As options for tar, which asks `filter` before it writes an entry. */
const FOR_READING = {
  chmod: true,
  processUmask: 0,
  filter: (_: string, entry: unknown) => {
    const { type, mode } = entry as ReadEntry;
    (entry as ReadEntry).mode = type === 'Directory' ? 0o755 : ((mode ?? 0) & 0o111) === 0 ? 0o444 : 0o555;
    return true;
  },
};

async function inspect(file: string, bounds: ArchiveBounds): Promise<Inspection> {
  const { Parser } = await import('tar');
  const inspection = new Inspection(bounds);
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      inspection.look(entry);
      entry.resume();
    },
  });
  try {
    await decompressInto(file, parser, inspection.refused.signal);
  } catch (error) {
    inspection.refused.signal.throwIfAborted();
    throw error;
  }
  inspection.refused.signal.throwIfAborted();
  return inspection;
}

async function decompressInto(file: string, target: Parser, signal?: AbortSignal): Promise<void> {
  await pipeline(createReadStream(file), createZstdDecompress(), target as unknown as NodeJS.WritableStream, { signal });
}

class Inspection {
  readonly refused = new AbortController();
  /** Symbolic links. */
  readonly links: string[] = [];
  private entries = 0;
  private bytes = 0;

  constructor(private readonly bounds: ArchiveBounds) {}

  look(entry: ReadEntry): void {
    this.entries++;
    this.bytes += entry.size;
    if (entry.type === 'SymbolicLink') this.links.push(String(entry.path));
    const fault = this.beyondBounds() ?? faultOf(entry);
    if (fault) this.refused.abort(new HostileArchive(`The archive was refused: ${fault}.`));
  }

  private beyondBounds(): string | null {
    if (this.entries > this.bounds.maxEntries) return `it has more than ${this.bounds.maxEntries} entries`;
    return this.bytes > this.bounds.maxBytes ? `its files take more than ${this.bounds.maxBytes} bytes` : null;
  }
}

function faultOf(entry: ReadEntry): string | null {
  const path = String(entry.path);
  const shown = JSON.stringify(shorten(path, 200));
  if (Buffer.byteLength(path) > MAX_NAME_BYTES) return `the name ${shown}… is longer than ${MAX_NAME_BYTES} bytes`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  if (/[\x00-\x1f\x7f]/.test(path)) return `the name ${shown} has control characters`;
  if (leaves(path)) return `${shown} would be written outside of its folder`;
  if (!FILE_TYPES.has(entry.type)) return `${shown} is neither a file, a folder nor a link`;
  if (entry.type === 'SymbolicLink' && leaves(posix.join(posix.dirname(path), rooted(entry.linkpath))))
    return `the link ${shown} leads outside`;
  return entry.type === 'Link' && leaves(String(entry.linkpath)) ? `the link ${shown} leads outside` : null;
}

/** Keeps an absolute target recognisable when it is joined to a folder. */
function rooted(target: string | undefined): string {
  return target?.startsWith('/') ? '../'.repeat(MAX_NAME_BYTES) : (target ?? '');
}

function leaves(path: string): boolean {
  const plain = posix.normalize(path);
  return plain.startsWith('/') || plain === '..' || plain.startsWith('../') || path.includes('\\..') || /^[A-Za-z]:/.test(path);
}

/** Links that lead through other links can leave although each of them looks harmless. */
async function refuseLinksThatLeave(folder: string, links: readonly string[]): Promise<void> {
  const root = await realpath(folder);
  for (const link of links) {
    const target = await realpath(join(folder, link)).catch(() => root); // to nothing: it can't be read through either
    if (target !== root && !target.startsWith(root + sep))
      throw new HostileArchive(`The archive was refused: the link ${JSON.stringify(link)} leads outside.`);
  }
}
