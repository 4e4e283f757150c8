import { type LogMark, MAX_CHUNK_BYTES, type RawLogChunk } from '@slipway/protocol';

const [LF, CR] = [10, 13];
const MAX_MARKS = 100;
const LINE_FEED = Buffer.from('\n');
const CARRIAGE_RETURN = Buffer.from('\r');

export type ChunkBuilderOptions = {
  maxLineBytes: number;
  maxBytes: number;
  /** The chunk's text is a view that lasts as long as the call. */
  emit: (chunk: RawLogChunk) => void;
};

/**
 * Clean UTF-8 in, numbered chunks out, each of about {@link MAX_CHUNK_BYTES} at most. A chunk ends where a line ends whenever it
 * holds a whole line, so that a sealer always finds a place to cut. Too long a line and too long a log are cut, and say so.
 * A line that starts again keeps its last text.
 */
export class ChunkBuilder {
  private text = Buffer.allocUnsafe(MAX_CHUNK_BYTES * 2);
  private length = 0;
  private times: number[] = [];
  private marks: LogMark[] = [];
  private n = 0;
  /** Line of the first piece held. */
  private firstLine = 0;
  private startsInsideLine = false;
  /** Bytes of text before the open line's piece, and its bytes so far, those sent in earlier chunks included. */
  private openAt = 0;
  private openBytes = 0;
  private open = false;
  private lineIsCut = false;
  /** Bytes of the open line in chunks that are out. */
  private sentOfLine = 0;
  private totalBytes = 0;
  private full = false;

  constructor(private readonly options: ChunkBuilderOptions) {}

  /** Number of the line that comes next (the open one's, if a line is open). */
  get line(): number {
    return this.firstLine + this.times.length - (this.open && this.times.length > 0 ? 1 : 0);
  }

  get nextChunk(): number {
    return this.n;
  }

  get isEmpty(): boolean {
    return this.times.length === 0 && this.marks.length === 0;
  }

  /**
   * Bytes of the open line that are out, when all that is held is what writes over them: the next state of a progress bar, which need not
   * go out at once. Else 0.
   */
  get rewritten(): number {
    return this.open && this.startsInsideLine && this.times.length === 1 && this.text[0] === CR ? this.sentOfLine : 0;
  }

  /** Output of a job. Counted against the log's limit. */
  append(data: Buffer, at: number): void {
    if (this.full || data.length === 0) return;
    const left = this.options.maxBytes - this.totalBytes;
    this.totalBytes += data.length;
    this.full = data.length > left;
    this.put(this.full ? data.subarray(0, wholeCharacters(data, left)) : data, at);
    if (!this.full) return;
    this.notice(`The log is longer than ${bytesForPeople(this.options.maxBytes)}. What the job prints from here on is not kept.`, at);
  }

  /** Lines of the agent's own, whatever the limits. */
  notice(text: string, at: number): void {
    for (const line of text.split('\n')) {
      this.mark((n) => ({ kind: 'notice', line: n }), at);
      this.put(Buffer.from(`${line}\n`), at);
    }
  }

  /** Puts a mark before the next line; a line that is still open ends here. */
  mark(markAt: (line: number) => LogMark, at: number): number {
    this.closeLine(at);
    const mark = markAt(this.line);
    this.marks.push(mark);
    if (this.marks.length >= MAX_MARKS) this.cut();
    return mark.line;
  }

  /**
   * The open line starts again. What is held of it is dropped; if a part of it is out, a carriage return tells the reader that what
   * follows stands in its place.
   */
  rewind(at: number): void {
    if (!this.open || this.full) return;
    if (this.times.length === 0) this.openPiece(at);
    this.totalBytes -= this.length - this.openAt;
    this.length = this.openAt;
    if (this.sentOfLine > 0) this.putBytes(CARRIAGE_RETURN, 0, 1);
    // The carriage return belongs to the log and does not count towards the line.
    this.openBytes = 0;
    this.lineIsCut = false;
  }

  closeLine(at: number): void {
    if (this.open) this.put(LINE_FEED, at);
  }

  /** Gives out the whole lines held; where there is none, what is held of the open one. */
  cut(last = false): void {
    if (this.isEmpty && !last) return;
    const keepsOpenLine = this.open && this.openAt > 0;
    const rest = keepsOpenLine ? this.length - this.openAt : 0;
    const restTime = keepsOpenLine ? this.times.pop() : undefined;
    const endsInsideLine = this.open && !keepsOpenLine;
    const end = this.length - rest - (endsInsideLine || this.times.length === 0 ? 0 : 1);
    const { n, firstLine, startsInsideLine, times, marks } = this;
    const text = this.text.subarray(0, end);
    this.options.emit({ n, firstLine, startsInsideLine, endsInsideLine, last, times, marks, text });
    this.startAfterCut(rest, restTime, endsInsideLine);
  }

  private startAfterCut(rest: number, restTime: number | undefined, endsInsideLine: boolean): void {
    this.n += 1;
    this.sentOfLine = endsInsideLine ? this.sentOfLine + this.length : 0;
    this.firstLine += this.times.length - (endsInsideLine ? 1 : 0);
    this.startsInsideLine = endsInsideLine;
    this.text.copyWithin(0, this.length - rest, this.length);
    this.length = rest;
    this.openAt = 0;
    this.times = restTime === undefined ? [] : [restTime];
    this.marks = [];
  }

  private put(data: Buffer, at: number): void {
    for (let from = 0; from < data.length; ) {
      const lf = data.indexOf(LF, from);
      const end = lf < 0 ? data.length : lf;
      this.putPiece(data, from, end, at);
      if (lf >= 0) this.endLine(at);
      from = end + 1;
    }
  }

  private putPiece(data: Buffer, from: number, end: number, at: number): void {
    const fits = this.length + Math.min(end - from, this.options.maxLineBytes) + 1 <= MAX_CHUNK_BYTES;
    if (!fits && this.length > 0 && this.rewritten < this.options.maxLineBytes) this.cut();
    if (this.lineIsCut) return;
    if (!this.open || this.times.length === 0) this.openPiece(at);
    const room = this.options.maxLineBytes - this.openBytes;
    this.lineIsCut = end - from > room;
    this.putBytes(data, from, this.lineIsCut ? from + wholeCharacters(data.subarray(from, end), room) : end);
    if (!this.lineIsCut) return;
    const statement = Buffer.from(` … [line cut: it is longer than ${bytesForPeople(this.options.maxLineBytes)}]`);
    this.putBytes(statement, 0, statement.length);
  }

  private openPiece(at: number): void {
    if (!this.open) this.openBytes = 0;
    this.open = true;
    this.openAt = this.length;
    this.times.push(at);
  }

  private putBytes(data: Buffer, from: number, end: number): void {
    this.reserve(end - from + 1);
    data.copy(this.text, this.length, from, end);
    this.length += end - from;
    this.openBytes += end - from;
  }

  private endLine(at: number): void {
    if (this.times.length === 0) this.openPiece(at);
    this.reserve(1);
    this.text[this.length++] = LF;
    this.open = false;
    this.lineIsCut = false;
    this.sentOfLine = 0;
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.text.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.text.length * 2, this.length + bytes));
    this.text.copy(larger, 0, 0, this.length);
    this.text = larger;
  }
}

/** At most `bytes`, and no part of a character at the end. */
function wholeCharacters(text: Buffer, bytes: number): number {
  let end = Math.max(0, Math.min(bytes, text.length));
  while (end > 0 && end < text.length && ((text[end] as number) & 0xc0) === 0x80) end--;
  return end;
}

function bytesForPeople(bytes: number): string {
  for (const [unit, size] of [
    ['GiB', 2 ** 30],
    ['MiB', 2 ** 20],
    ['KiB', 2 ** 10],
  ] as const) {
    if (bytes >= size) return `${Math.round((bytes / size) * 10) / 10} ${unit}`;
  }
  return `${bytes} bytes`;
}
