import type { SecretMatcher } from './secret-matcher.js';

const STARS = Buffer.from('***');
const NOTHING = Buffer.alloc(0);
const LF = 10;
const CR = 13;

/** Bytes [start, end) to hide; `shown`: its stars are already out on the present line. */
type Hidden = { start: number; end: number; shown: boolean };

/** A whole text, for what doesn't travel in a log. */
export function masked(text: string, matcher: SecretMatcher | null): string {
  if (!matcher) return text;
  const mask = new Mask(matcher);
  return Buffer.concat([mask.push(Buffer.from(text)), mask.flush()]).toString();
}

/**
 * Hides secrets in a stream of bytes, however it is cut into writes. What comes out is final; what may still turn out to be
 * the beginning of a secret stays in, without a time limit, until more output, a step's end or the log's end decides. So a quiet
 * line may lack its last few bytes; a line that has ended lacks them only where they are more of a secret than
 * {@link SecretMatcher.mayShow} lets out. Line ends inside a secret stay: each of its lines becomes three stars.
 */
export class Mask {
  private state = 0;
  private held: Buffer = NOTHING;
  private hidden: Hidden[] = [];
  private readonly maxHeldBytes: number;

  constructor(private readonly matcher: SecretMatcher) {
    // Room for a line end after each byte; more line ends than that inside a secret are another text.
    this.maxHeldBytes = matcher.longest * 3 + 4096;
  }

  /** What is certain by now. The answer may be a view of `bytes`. */
  push(bytes: Buffer): Buffer {
    const data = this.held.length > 0 ? Buffer.concat([this.held, bytes]) : bytes;
    this.scan(data, this.held.length);
    return this.release(data, this.keepFrom(data));
  }

  /** Gives out what is held: nothing more will come that belongs to it. */
  flush(): Buffer {
    const out = this.release(this.held, this.held.length);
    this.state = 0;
    return out;
  }

  private scan(data: Buffer, from: number): void {
    const { matcher } = this;
    const { found } = matcher;
    let state = this.state;
    for (let i = from; i < data.length; i++) {
      const byte = data[i] as number;
      if (byte === LF || byte === CR) continue;
      state = matcher.step(state, byte);
      const length = found[state] as number;
      if (length !== 0) this.hide(startOf(data, i + 1, length), i + 1);
    }
    this.state = state;
  }

  /** Joins what overlaps, so that a secret within a secret gives one row of stars. */
  private hide(from: number, end: number): void {
    const joined: Hidden = { start: from, end, shown: false };
    for (let last = this.hidden.at(-1); last && last.end > joined.start; last = this.hidden.at(-1)) {
      if (last.start <= joined.start) joined.shown = last.shown;
      joined.start = Math.min(joined.start, last.start);
      this.hidden.pop();
    }
    this.hidden.push(joined);
  }

  private keepFrom(data: Buffer): number {
    const pending = this.matcher.pending[this.state] as number;
    if (pending === 0) return data.length;
    const start = startOf(data, data.length, pending);
    if (data.length - start > this.maxHeldBytes) {
      this.state = 0;
      return data.length;
    }
    if (this.matcher.mayShow[this.state] === 0) return start;
    return Math.max(start, data.lastIndexOf(LF) + 1);
  }

  private release(data: Buffer, until: number): Buffer {
    const hidden = this.hidden;
    this.held = until < data.length ? Buffer.from(data.subarray(until)) : NOTHING;
    if (hidden.length === 0) return data.subarray(0, until);
    const parts: Buffer[] = [];
    let at = 0;
    for (const span of hidden) {
      if (span.start >= until) break;
      parts.push(data.subarray(at, span.start));
      at = Math.min(span.end, until);
      span.shown = stars(parts, data.subarray(span.start, at), span.shown);
    }
    if (at < until) parts.push(data.subarray(at, until));
    this.hidden = hidden
      .filter((span) => span.end > until)
      .map((span) => ({ start: Math.max(0, span.start - until), end: span.end - until, shown: span.shown }));
    return Buffer.concat(parts);
  }
}

/** Three stars for each line of a hidden text, and its line ends. Answers whether the line it ends on has its stars. */
function stars(parts: Buffer[], hidden: Buffer, alreadyShown: boolean): boolean {
  let shown = alreadyShown;
  for (let i = 0; i < hidden.length; i++) {
    const byte = hidden[i];
    if (byte === LF || byte === CR) {
      parts.push(hidden.subarray(i, i + 1));
      shown = shown && byte !== LF;
    } else if (!shown) {
      parts.push(STARS);
      shown = true;
    }
  }
  return shown;
}

/** Where the last `length` bytes before `end` begin, line ends not counted. */
function startOf(data: Buffer, end: number, length: number): number {
  let at = end;
  for (let left = length; left > 0 && at > 0; ) {
    at--;
    if (data[at] !== LF && data[at] !== CR) left--;
  }
  return at;
}
