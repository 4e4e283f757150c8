import { z } from 'zod';
import { shorten } from './text.js';

/**
 * A log chunk, columnar: line count and times beside one text, never a record per line.
 *
 * Body of a message in the LOGS stream (all integers little-endian):
 *   u8  version (1)
 *   u8  flags: 1 = starts inside a line (its first piece continues the last line of the chunk before)
 *              2 = ends inside a line (no line feed after the last piece yet)
 *              4 = end of the log: no chunk follows
 *   u16 marks length in bytes
 *   u32 chunk number, from 0 without a gap
 *   u32 first line, from 0
 *   u32 pieces: how many lines this chunk touches, the unfinished ones included
 *   f64 base time, milliseconds since the epoch
 *   u32 × pieces: milliseconds after base at which each piece was printed
 *   marks: JSON, an array of {@link LogMark}
 *   text: UTF-8, pieces joined by line feeds, without a last one
 * The MAC and the attempt number travel in headers: `Slipway-Attempt`, `Slipway-Mac` (see mac.ts), so that a relay can check without decoding.
 */
export type LogChunk = {
  n: number;
  firstLine: number;
  /** Whether the first piece continues the last line of the chunk before. */
  startsInsideLine: boolean;
  endsInsideLine: boolean;
  last: boolean;
  /** Milliseconds since the epoch, one for each piece. */
  times: number[];
  text: string;
  marks: LogMark[];
};

/** Where a step begins or ends, or where the agent itself says something about the log. `line` counts from 0. */
export type LogMark =
  | { kind: 'step'; line: number; index: number; name: string }
  | { kind: 'step_end'; line: number; index: number; exitCode: number | null; durationMs: number }
  | { kind: 'notice'; line: number };

export const LOG_HEADERS = { attempt: 'Slipway-Attempt', mac: 'Slipway-Mac', n: 'Slipway-Chunk' } as const;

/** The most text in a chunk, in bytes: well below the 1 MiB that NATS allows for a message by default. */
export const MAX_CHUNK_BYTES = 64 * 1024;

/** A chunk as it is sent: a relay works on it without converting text and times to strings and numbers. */
export type RawLogChunk = Omit<LogChunk, 'text' | 'times'> & { times: ArrayLike<number>; text: Uint8Array };

/** The server says this instead of the number of a sealed chunk when it wants nothing more of the log. */
export const LOG_COMPLETE = 2 ** 31 - 1;

const HEADER_BYTES = 24;
/** 49 days. It is only exceeded if a clock jumps. */
const MAX_OFFSET_MS = 2 ** 32 - 1;
/** Year 9999. */
const LAST_TIME = 253_402_300_799_000;
const FLAG = { startsInsideLine: 1, endsInsideLine: 2, last: 4 } as const;

/** @throws RangeError when the marks take more than 64 KiB. */
export function encodeLogChunk(chunk: LogChunk | RawLogChunk): Uint8Array {
  const marks = Buffer.from(chunk.marks.length > 0 ? JSON.stringify(chunk.marks) : '');
  const text = typeof chunk.text === 'string' ? Buffer.from(chunk.text) : chunk.text;
  const out = Buffer.allocUnsafe(HEADER_BYTES + chunk.times.length * 4 + marks.length + text.length);
  const base = chunk.times[0] ?? 0;
  out.writeUInt8(1, 0);
  out.writeUInt8(
    (chunk.startsInsideLine ? FLAG.startsInsideLine : 0) | (chunk.endsInsideLine ? FLAG.endsInsideLine : 0) | (chunk.last ? FLAG.last : 0),
    1,
  );
  out.writeUInt16LE(marks.length, 2);
  out.writeUInt32LE(chunk.n, 4);
  out.writeUInt32LE(chunk.firstLine, 8);
  out.writeUInt32LE(chunk.times.length, 12);
  out.writeDoubleLE(base, 16);
  let at = HEADER_BYTES;
  for (let i = 0; i < chunk.times.length; i++)
    at = out.writeUInt32LE(Math.min(MAX_OFFSET_MS, Math.max(0, (chunk.times[i] ?? base) - base)), at);
  marks.copy(out, at);
  out.set(text, at + marks.length);
  return out;
}

/** In code points. Marks may be wrong in thousands of places. */
const MAX_WHY = 300;

export class MalformedLogChunk extends Error {
  constructor(why: string) {
    super(`Malformed log chunk: ${shorten(why, MAX_WHY, '…')}.`);
  }
}

/**
 * The text is a view of `bytes`, not a copy.
 * @throws MalformedLogChunk when the bytes are not a version 1 chunk.
 */
export function readLogChunk(bytes: Uint8Array): RawLogChunk {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (body.length < HEADER_BYTES) throw new MalformedLogChunk(`${body.length} bytes are less than a header`);
  if (body.readUInt8(0) !== 1) throw new MalformedLogChunk(`version ${body.readUInt8(0)} is not known`);
  const flags = body.readUInt8(1);
  const marksLength = body.readUInt16LE(2);
  const pieces = body.readUInt32LE(12);
  const textAt = HEADER_BYTES + pieces * 4 + marksLength;
  if (textAt > body.length) throw new MalformedLogChunk(`${pieces} pieces do not fit into ${body.length} bytes`);
  const base = body.readDoubleLE(16);
  if (!(base >= 0 && base <= LAST_TIME)) throw new MalformedLogChunk(`${base} is not a time`);
  const times = new Float64Array(pieces);
  for (let i = 0; i < pieces; i++) times[i] = base + body.readUInt32LE(HEADER_BYTES + i * 4);
  return {
    n: body.readUInt32LE(4),
    firstLine: body.readUInt32LE(8),
    startsInsideLine: (flags & FLAG.startsInsideLine) !== 0,
    endsInsideLine: (flags & FLAG.endsInsideLine) !== 0,
    last: (flags & FLAG.last) !== 0,
    times,
    text: body.subarray(textAt),
    marks: marksLength > 0 ? readMarks(body.toString('utf8', textAt - marksLength, textAt)) : [],
  };
}

/** @throws MalformedLogChunk when the bytes are not a version 1 chunk. */
export function decodeLogChunk(bytes: Uint8Array): LogChunk {
  const raw = readLogChunk(bytes);
  return { ...raw, times: Array.from(raw.times), text: Buffer.from(raw.text).toString('utf8') };
}

const Marks = z.array(
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('step'), line: z.number().int(), index: z.number().int(), name: z.string() }),
    z.object({
      kind: z.literal('step_end'),
      line: z.number().int(),
      index: z.number().int(),
      exitCode: z.number().int().nullable(),
      durationMs: z.number(),
    }),
    z.object({ kind: z.literal('notice'), line: z.number().int() }),
  ]),
);

function readMarks(json: string): LogMark[] {
  try {
    return Marks.parse(JSON.parse(json));
  } catch (cause) {
    throw new MalformedLogChunk(`its marks can't be read (${cause instanceof Error ? cause.message : cause})`);
  }
}
