import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import type { LogMark } from '@slipway/protocol';
import { z } from 'zod';
import type { LogSegment } from './log-lines.js';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

const LF = 10;
const MAGIC = 'SLB1';
const LINES_PER_ENTRY = 256;
/** A clock may jump by more than the 49 days that fit: such lines seem earlier than they are. */
const MAX_OFFSET_MS = 2 ** 32 - 1;

export type LogBlock = { firstLine: number; text: Buffer; times: Float64Array; marks: LogMark[] };

/**
 * A sealed part of a log, whole lines only:
 *   4 bytes "SLB1", u32 (little-endian) length of the header
 *   header, JSON: {@link Header}; `index` holds the byte offset in the text of every 256th line
 *   zstd frame: u32 for each line, milliseconds after `baseTime`
 *   zstd frame: the text, UTF-8, lines joined by line feeds, without a last one
 */
export async function encodeLogBlock(block: LogBlock): Promise<Buffer> {
  const { firstLine, text, times, marks } = block;
  const baseTime = times.reduce((least, time) => Math.min(least, time), times[0] ?? 0);
  const offsets = Buffer.allocUnsafe(times.length * 4);
  for (let i = 0; i < times.length; i++) offsets.writeUInt32LE(Math.min((times[i] as number) - baseTime, MAX_OFFSET_MS), i * 4);
  const [packedTimes, packedText] = await Promise.all([compress(offsets), compress(text)]);
  const index = indexOf(text, times.length);
  const header = Buffer.from(JSON.stringify({ firstLine, lines: times.length, baseTime, timesBytes: packedTimes.length, index, marks }));
  const start = Buffer.alloc(8, MAGIC);
  start.writeUInt32LE(header.length, 4);
  return Buffer.concat([start, header, packedTimes, packedText]);
}

const Header = z.object({
  firstLine: z.number().int(),
  lines: z.number().int(),
  baseTime: z.number(),
  timesBytes: z.number().int(),
  index: z.array(z.number().int()),
  marks: z.array(z.custom<LogMark>()),
});
type Header = z.infer<typeof Header>;

/** A block as read: its header at once, its lines when they are wanted. */
export class StoredLogBlock {
  private readonly header: Header;
  private inflating: Promise<LogSegment> | null = null;

  /** @throws Error when the bytes are not a block */
  constructor(private readonly bytes: Buffer) {
    if (bytes.toString('latin1', 0, 4) !== MAGIC) throw new Error('A log block in the blob store is damaged: it does not begin like one.');
    this.header = Header.parse(JSON.parse(bytes.toString('utf8', 8, this.headerEnd)));
  }

  get firstLine(): number {
    return this.header.firstLine;
  }

  get marks(): LogMark[] {
    return this.header.marks;
  }

  segment(): Promise<LogSegment> {
    this.inflating ??= this.inflate();
    return this.inflating;
  }

  private get headerEnd(): number {
    return 8 + this.bytes.readUInt32LE(4);
  }

  private async inflate(): Promise<LogSegment> {
    const { firstLine, lines, baseTime, timesBytes, index, marks } = this.header;
    const textAt = this.headerEnd + timesBytes;
    const [offsets, text] = await Promise.all([
      decompress(this.bytes.subarray(this.headerEnd, textAt)),
      decompress(this.bytes.subarray(textAt)),
    ]);
    const times = new Float64Array(lines);
    for (let i = 0; i < lines; i++) times[i] = baseTime + offsets.readUInt32LE(i * 4);
    const indexed = (piece: number) => {
      const entry = Math.floor(piece / LINES_PER_ENTRY);
      return { piece: entry * LINES_PER_ENTRY, offset: index[entry] ?? 0 };
    };
    return { firstLine, startBytes: 0, times, text, endsInsideLine: false, marks, indexed };
  }
}

function indexOf(text: Buffer, lines: number): number[] {
  const index: number[] = [];
  let offset = 0;
  for (let line = 0; line < lines; line++) {
    if (line % LINES_PER_ENTRY === 0) index.push(offset);
    offset = text.indexOf(LF, offset) + 1;
  }
  return index;
}
