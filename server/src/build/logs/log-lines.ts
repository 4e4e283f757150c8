import type { LogMark } from '@slipway/protocol';
import { lastTexts } from './last-texts.js';

const LF = 10;

/** A place in a log: a line, from 0, and how many of its bytes are behind. */
export type LogCursor = { line: number; bytes: number };

/** Consecutive lines as they lie in a chunk or a sealed block. */
export type LogSegment = {
  firstLine: number;
  /** Bytes of the first line that stand in segments before this one. */
  startBytes: number;
  /** Milliseconds since the epoch, one for each piece; a piece is a line or what of a line is in here. */
  times: ArrayLike<number>;
  /** Pieces joined by line feeds, without a last one. */
  text: Buffer;
  /** No line feed after the last piece yet. */
  endsInsideLine: boolean;
  /** In the order of their lines; may name the line after the last. */
  marks: LogMark[];
  /** Byte offset of a line at or before the piece asked for, where an index knows one. */
  indexed?: (piece: number) => { piece: number; offset: number };
};

/** What one reader gets at a time: the lines of some segments from its cursor on, columnar. */
export type LogBatch = {
  firstLine: number;
  lineCount: number;
  text: string;
  times: number[];
  startsInsideLine: boolean;
  marks: LogMark[];
  next: LogCursor;
};

export type BatchLimits = { maxLines: number; maxBytes: number };

/** Gathers a batch from segments given in order. Segments before the cursor are skipped. */
export class BatchBuilder {
  private readonly parts: Buffer[] = [];
  private readonly times: number[] = [];
  private readonly marks: LogMark[] = [];
  private bytes = 0;
  private at: LogCursor;
  private insideLine: boolean;
  /** The last segment did not fit as a whole, so no other may follow. */
  private leftSomething = false;

  constructor(
    private readonly from: LogCursor,
    private readonly limits: BatchLimits,
  ) {
    this.at = { ...from };
    this.insideLine = from.bytes > 0;
  }

  get cursor(): LogCursor {
    return this.at;
  }

  get isFull(): boolean {
    const linesBefore = this.times.length - (this.insideLine && this.times.length > 0 ? 1 : 0);
    return this.leftSomething || linesBefore >= this.limits.maxLines || this.bytes >= this.limits.maxBytes;
  }

  /** Marks of a segment whose lines are all before the cursor: they may stand right before it. */
  addMarks(marks: LogMark[]): void {
    this.marks.push(...marks);
  }

  add(segment: LogSegment): void {
    this.addMarks(segment.marks);
    const pieces = segment.times.length;
    const skip = this.at.line - segment.firstLine;
    if (pieces === 0 || skip >= pieces || this.isFull) return;
    const start = offsetOfPiece(segment, skip) + this.at.bytes - (skip === 0 ? segment.startBytes : 0);
    if (skip === pieces - 1 && segment.endsInsideLine && start >= segment.text.length) return;
    const room = this.limits.maxLines - this.times.length + (this.insideLine && this.times.length > 0 ? 1 : 0);
    const { end, count } = takeLines(segment.text, start, pieces - skip, room, this.limits.maxBytes - this.bytes);
    this.take(segment, skip, start, end, count);
  }

  batch(options: { reachesEnd: boolean }): LogBatch {
    const { from, at } = this;
    return {
      firstLine: from.line,
      lineCount: this.times.length,
      text: lastTexts(Buffer.concat(this.parts).toString('utf8'), from.bytes > 0),
      times: this.times,
      startsInsideLine: from.bytes > 0,
      marks: this.marks.filter(
        ({ line }) => this.isFresh(line) && (line < at.line || (line === at.line && at.bytes > 0) || options.reachesEnd),
      ),
      next: at,
    };
  }

  /** A mark stands before its line, so whoever has a part of the line has it. */
  private isFresh(line: number): boolean {
    return line > this.from.line || (line === this.from.line && this.from.bytes === 0);
  }

  private take(segment: LogSegment, skip: number, start: number, end: number, count: number): void {
    const joins = this.insideLine && this.times.length > 0;
    if (this.times.length > 0 && !joins) this.parts.push(LINE_FEED);
    this.parts.push(segment.text.subarray(start, end));
    this.bytes += end - start + 1;
    for (let i = joins ? 1 : 0; i < count; i++) this.times.push(segment.times[skip + i] as number);
    const endsInside = segment.endsInsideLine && skip + count === segment.times.length;
    const lastPieceBytes = end - Math.max(start, segment.text.lastIndexOf(LF, end - 1) + 1);
    const before = count === 1 ? this.at.bytes : 0;
    const line = this.at.line + count - 1;
    this.at = endsInside ? { line, bytes: before + lastPieceBytes } : { line: line + 1, bytes: 0 };
    this.insideLine = endsInside;
    this.leftSomething = skip + count < segment.times.length;
  }
}

const LINE_FEED = Buffer.from('\n');

/** At least one line, then as many as fit. */
function takeLines(text: Buffer, start: number, pieces: number, maxLines: number, maxBytes: number): { end: number; count: number } {
  if (pieces <= maxLines && text.length - start <= maxBytes) return { end: text.length, count: pieces };
  let end = start;
  let count = 0;
  while (count < Math.min(pieces, maxLines)) {
    const lf = text.indexOf(LF, count === 0 ? start : end + 1);
    const next = lf < 0 ? text.length : lf;
    if (count > 0 && next - start > maxBytes) break;
    end = next;
    count += 1;
  }
  return { end, count };
}

function offsetOfPiece(segment: LogSegment, piece: number): number {
  if (piece === 0) return 0;
  const known = segment.indexed?.(piece) ?? { piece: 0, offset: 0 };
  let offset = known.offset;
  for (let at = known.piece; at < piece; at++) offset = segment.text.indexOf(LF, offset) + 1;
  return offset;
}

export function countLineFeeds(text: Uint8Array): number {
  let count = 0;
  for (let at = text.indexOf(LF); at >= 0; at = text.indexOf(LF, at + 1)) count += 1;
  return count;
}
