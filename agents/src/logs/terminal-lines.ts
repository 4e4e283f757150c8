import { TextStyle } from './text-style.js';

const [LF, CR, ESC] = [10, 13, 27];
const LINE_FEED = Buffer.from('\n');
const LEFT_BRACKET = 0x5b;
/** A control sequence that is longer than this is none. */
const MAX_SEQUENCE_BYTES = 128;
const NOTHING = Buffer.alloc(0);
/** Colours and weights (SGR), and moves to the first column (CHA). */
const ACTED_ON = /^\[(?:[0-9;:]*m|[01]?G)$/;

export type LinesOut = {
  append(text: Buffer, at: number): void;
  /** What the open line holds is about to be written over. */
  rewind(at: number): void;
};

/**
 * Output as a terminal would take it, made into lines that can be read one by one. A line that is written over, after a carriage return
 * or a move to the first column, starts again, so that a progress bar leaves its last text; colours that are still on where a line ends
 * or starts again are switched on in the next text too. All else passes as it is.
 */
export class TerminalLines {
  private readonly style = new TextStyle();
  /** The beginning of a control sequence, cut off by the end of a write. */
  private held: Buffer = NOTHING;
  /** A carriage return came; if no line feed follows, what comes writes over the line. */
  private returned = false;
  /** No text yet since the line began or started again. */
  private fresh = true;

  constructor(private readonly out: LinesOut) {}

  /** UTF-8 in whole characters, printed at `at` (milliseconds since the epoch). */
  push(text: Buffer, at: number): void {
    if (this.isOrdinary(text)) {
      if (text.length > 0) this.fresh = text[text.length - 1] === LF;
      this.out.append(text, at);
    } else {
      const data = this.held.length > 0 ? Buffer.concat([this.held, text]) : text;
      this.held = NOTHING;
      this.take(data, at);
    }
  }

  /** Nothing follows that belongs to what was pushed: a line of somebody else's, or the end. */
  flush(at: number): void {
    const { held } = this;
    this.held = NOTHING;
    if (held.length > 0) this.put(held, at);
    this.returned = false;
    this.fresh = true;
  }

  private isOrdinary(text: Buffer): boolean {
    return this.held.length === 0 && !this.returned && this.style.isPlain && !text.includes(ESC) && !text.includes(CR);
  }

  private take(data: Buffer, at: number): void {
    let from = 0;
    let i = 0;
    const putUpToHere = (next: number) => {
      if (i > from) this.put(data.subarray(from, i), at);
      from = i = next;
    };
    while (i < data.length) {
      const byte = data[i];
      if (byte === LF) {
        putUpToHere(i + 1);
        this.endLine(at);
      } else if (byte === CR) {
        putUpToHere(i + 1);
        this.returned = true;
      } else if (byte === ESC) {
        const end = endOfSequence(data, i);
        if (end === null) break;
        const sequence = data.toString('latin1', i, end);
        if (!ACTED_ON.test(sequence.slice(1))) i = end;
        else {
          putUpToHere(end);
          this.act(sequence, at);
        }
      } else i += 1;
    }
    if (i < data.length) this.held = Buffer.from(data.subarray(i));
    putUpToHere(data.length);
  }

  private act(sequence: string, at: number): void {
    if (!sequence.endsWith('m')) {
      this.returned = true;
      return;
    }
    this.style.apply(sequence.slice(2, -1));
    // Where text begins, what is on then is switched on with it.
    if (!this.startsNewText) this.out.append(Buffer.from(sequence), at);
  }

  private get startsNewText(): boolean {
    return this.fresh || this.returned;
  }

  private put(text: Buffer, at: number): void {
    if (this.returned) this.out.rewind(at);
    if (this.startsNewText && !this.style.isPlain) this.out.append(Buffer.from(this.style.sequence), at);
    this.returned = false;
    this.fresh = false;
    this.out.append(text, at);
  }

  private endLine(at: number): void {
    this.returned = false;
    this.fresh = true;
    this.out.append(LINE_FEED, at);
  }
}

/** Where the escape sequence that begins at `start` ends; null: its end has not come yet. */
function endOfSequence(data: Buffer, start: number): number | null {
  const isControl = data[start + 1] === LEFT_BRACKET;
  if (!isControl) return start + 1 < data.length ? start + 1 : null;
  for (let i = start + 2; i < data.length; i++) {
    const byte = data[i] as number;
    if (byte < 0x20 || byte > 0x3f) return byte >= 0x40 && byte < 0x7f ? i + 1 : i;
    if (i - start > MAX_SEQUENCE_BYTES) return i;
  }
  return null;
}
