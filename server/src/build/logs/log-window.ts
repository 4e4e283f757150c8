import type { RawLogChunk } from '@slipway/protocol';
import { BatchBuilder, type BatchLimits, countLineFeeds, type LogBatch, type LogCursor, type LogSegment } from './log-lines.js';

/** What an object in memory costs beside its text. */
const CHUNK_OVERHEAD_BYTES = 300;
const MARK_BYTES = 200;
const LF = 10;
/** The agent cuts lines at 64 KiB; one that never ends could never be sealed. */
const MAX_OPEN_LINE_BYTES = 1024 * 1024;

export type WindowChunk = LogSegment & { n: number; seq: number; last: boolean; weight: number };

export class UnfitLogChunk extends Error {}

/** The newest part of a log, chunk by chunk without a gap, beginning where a line begins. */
export class LogWindow {
  private chunks: WindowChunk[] = [];
  private weight = 0;
  nextChunk: number;
  /** Where the next chunk begins. */
  end: LogCursor;
  complete = false;
  /** No line feed after the last piece yet. */
  private isOpen = false;

  constructor(start: { chunk: number; line: number }) {
    this.nextChunk = start.chunk;
    this.end = { line: start.line, bytes: 0 };
  }

  /** Lines known, the open one included. */
  get lines(): number {
    return this.end.line + (this.end.bytes > 0 ? 1 : 0);
  }

  get start(): LogCursor {
    const first = this.chunks[0];
    return first ? { line: first.firstLine, bytes: first.startBytes } : this.end;
  }

  /**
   * The next chunk, and no other. Answers what it weighs in memory.
   * @throws UnfitLogChunk when it does not go on where the one before ended
   */
  append(chunk: RawLogChunk, seq: number): number {
    const { n, firstLine, startsInsideLine, endsInsideLine, last, marks } = chunk;
    const pieces = chunk.times.length;
    const opensLine = this.isOpen;
    if (n !== this.nextChunk || firstLine !== this.end.line || (startsInsideLine !== opensLine && pieces > 0)) {
      throw new UnfitLogChunk(
        `chunk ${n} at line ${firstLine} does not follow chunk ${this.nextChunk - 1}, which ended in line ${this.end.line}`,
      );
    }
    if (pieces === 0 ? chunk.text.length > 0 : countLineFeeds(chunk.text) !== pieces - 1) {
      throw new UnfitLogChunk(`chunk ${n} does not contain the ${pieces} lines that it names`);
    }
    const text = Buffer.from(chunk.text);
    this.checkOpenLine(text, pieces, endsInsideLine);
    const weight = text.length + pieces * 8 + marks.length * MARK_BYTES + CHUNK_OVERHEAD_BYTES;
    this.chunks.push({ n, seq, firstLine, startBytes: this.end.bytes, times: chunk.times, text, endsInsideLine, marks, last, weight });
    this.weight += weight;
    this.nextChunk = n + 1;
    this.complete = last;
    if (pieces > 0) this.moveEnd(text, pieces, endsInsideLine);
    return weight;
  }

  /** A line that the agent never sent. */
  addNotice(notice: string, at: number): void {
    const text = Buffer.from(`${this.isOpen ? '\n' : ''}${notice}`);
    const times = this.isOpen ? [at, at] : [at];
    const line = this.end.line + times.length - 1;
    this.append(
      {
        n: this.nextChunk,
        firstLine: this.end.line,
        startsInsideLine: this.isOpen,
        endsInsideLine: false,
        last: true,
        times,
        text,
        marks: [{ kind: 'notice', line }],
      },
      this.chunks.at(-1)?.seq ?? 0,
    );
  }

  private checkOpenLine(text: Buffer, pieces: number, endsInsideLine: boolean): void {
    const open = (pieces === 1 ? this.end.bytes : 0) + text.length - (text.lastIndexOf(LF) + 1);
    if (endsInsideLine && open > MAX_OPEN_LINE_BYTES)
      throw new UnfitLogChunk(`line ${this.end.line + pieces - 1} is longer than ${MAX_OPEN_LINE_BYTES} bytes`);
  }

  private moveEnd(text: Buffer, pieces: number, endsInsideLine: boolean): void {
    const lastPiece = text.length - (text.lastIndexOf(LF) + 1);
    const line = this.end.line + pieces - 1;
    this.end = endsInsideLine ? { line, bytes: (pieces === 1 ? this.end.bytes : 0) + lastPiece } : { line: line + 1, bytes: 0 };
    this.isOpen = endsInsideLine;
  }

  /** Null when the cursor lies before the window. */
  read(cursor: LogCursor, limits: BatchLimits): LogBatch | null {
    if (isBefore(cursor, this.start)) return null;
    const builder = new BatchBuilder(cursor, limits);
    this.addTo(builder);
    return builder.batch({ reachesEnd: this.complete && !isBefore(builder.cursor, this.end) });
  }

  /** False when the builder's cursor lies before the window. */
  addTo(builder: BatchBuilder): boolean {
    if (isBefore(builder.cursor, this.start)) return false;
    for (let i = this.indexOf(builder.cursor); i < this.chunks.length && !builder.isFull; i++) builder.add(this.chunks[i] as WindowChunk);
    return true;
  }

  /** Chunks from number `from` on. */
  from(from: number): WindowChunk[] {
    const first = this.chunks[0];
    return first ? this.chunks.slice(Math.max(0, from - first.n)) : [];
  }

  /** Lets go of the oldest chunks with a number below `sealed`, down to `keepBytes` of memory, and where a line begins. */
  shrink(sealed: number, keepBytes: number): void {
    let drop = 0;
    let weight = this.weight;
    for (let i = 0; i < this.chunks.length && weight > keepBytes; i++) {
      const chunk = this.chunks[i] as WindowChunk;
      if (chunk.n >= sealed) break;
      weight -= chunk.weight;
      if (!chunk.endsInsideLine) drop = i + 1;
    }
    for (const chunk of this.chunks.splice(0, drop)) this.weight -= chunk.weight;
  }

  /** The first chunk that holds something from the cursor on; marks may stand in the chunk before. */
  private indexOf(cursor: LogCursor): number {
    let [low, high] = [0, this.chunks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const chunk = this.chunks[middle] as WindowChunk;
      if (isBefore({ line: chunk.firstLine, bytes: chunk.startBytes }, cursor)) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
}

export function isBefore(a: LogCursor, b: LogCursor): boolean {
  return a.line < b.line || (a.line === b.line && a.bytes < b.bytes);
}
