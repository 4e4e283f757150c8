import { EscapeReader } from './escape-reader.js';
import type { SecretMatcher } from './secret-matcher.js';

const STARS = Buffer.from('***');
const NOTHING = Buffer.alloc(0);
const LF = 10;
const CR = 13;
const ESC = 27;

/** Bytes [start, end). */
type Span = { start: number; end: number };
/** Bytes to hide; `shown`: its stars are already out on the present line. */
type Hidden = Span & { shown: boolean };

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
 * {@link SecretMatcher.mayShow} lets out. Line ends inside a secret stay: each of its lines becomes three stars. So do escape sequences,
 * as programs colour parts of a value: the text is read twice where there are any, with them and without.
 */
export class Mask {
  private state = 0;
  /** The state of the text without its escape sequences, while it may be another, or the same because of other bytes. */
  private bare: number | null = null;
  private readonly escapes = new EscapeReader();
  /** Bytes of text since the last escape sequence. */
  private sinceEscape = 0;
  /** Escape sequences in what is held, and in what is being scanned. */
  private skipped: Span[] = [];
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
    this.forgetBare();
    return out;
  }

  private scan(data: Buffer, from: number): void {
    const { matcher } = this;
    const { found } = matcher;
    let state = this.state;
    for (let i = from; i < data.length; i++) {
      const byte = data[i] as number;
      if (byte === ESC || this.bare !== null) this.scanBare(state, data, i);
      if (byte === LF || byte === CR) continue;
      state = matcher.step(state, byte);
      const length = found[state] as number;
      if (length !== 0) this.hide(startOf(data, i + 1, length, NO_SPANS), i + 1);
      if (state === this.bare && !this.escapes.isInside && this.sinceEscape >= (matcher.pending[state] as number)) this.forgetBare();
    }
    this.state = state;
  }

  /** The byte at `i` as a terminal takes it. `state` is that of the text before it. */
  private scanBare(state: number, data: Buffer, i: number): void {
    const byte = data[i] as number;
    let bare = this.bare ?? state;
    if (this.escapes.takes(byte)) {
      const last = this.skipped.at(-1);
      if (last?.end === i) last.end = i + 1;
      else this.skipped.push({ start: i, end: i + 1 });
      this.sinceEscape = 0;
    } else if (byte !== LF && byte !== CR) {
      bare = this.matcher.step(bare, byte);
      this.sinceEscape += 1;
      const length = this.matcher.found[bare] as number;
      if (length !== 0) this.hideBetweenEscapes(startOf(data, i + 1, length, this.skipped), i + 1);
    }
    this.bare = bare;
  }

  private forgetBare(): void {
    this.bare = null;
    this.skipped = [];
    this.escapes.reset();
  }

  private hideBetweenEscapes(start: number, end: number): void {
    let first = this.skipped.length;
    while ((this.skipped[first - 1]?.end ?? 0) > start) first--;
    let from = start;
    for (const span of this.skipped.slice(first)) {
      if (span.start > from) this.hide(from, span.start);
      from = Math.max(from, span.end);
    }
    this.hide(from, end);
  }

  /** Joins what overlaps, so that a secret within a secret gives one row of stars. */
  private hide(start: number, end: number): void {
    const joined: Hidden = { start, end, shown: false };
    const after: Hidden[] = [];
    for (let last = this.hidden.at(-1); last && last.end > joined.start; last = this.hidden.at(-1)) {
      this.hidden.pop();
      if (last.start >= joined.end) after.push(last);
      else {
        if (last.start <= joined.start) joined.shown = last.shown;
        joined.start = Math.min(joined.start, last.start);
        joined.end = Math.max(joined.end, last.end);
      }
    }
    this.hidden.push(joined, ...after.reverse());
  }

  private keepFrom(data: Buffer): number {
    const from = this.keepFor(this.state, NO_SPANS, data);
    const bareFrom = this.bare === null ? from : this.keepFor(this.bare, this.skipped, data);
    if (from === null) this.state = 0;
    if (bareFrom === null) this.forgetBare();
    return Math.min(from ?? data.length, bareFrom ?? data.length);
  }

  /** Null: so many line ends and escape sequences within a secret are another text. */
  private keepFor(state: number, skipped: Span[], data: Buffer): number | null {
    const pending = this.matcher.pending[state] as number;
    if (pending === 0) return data.length;
    const start = startOf(data, data.length, pending, skipped);
    if (data.length - start > this.maxHeldBytes) return null;
    if (this.matcher.mayShow[state] === 0) return start;
    return Math.max(start, data.lastIndexOf(LF) + 1);
  }

  private release(data: Buffer, until: number): Buffer {
    const hidden = this.hidden;
    this.held = until < data.length ? Buffer.from(data.subarray(until)) : NOTHING;
    this.skipped = beyond(this.skipped, until);
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
    this.hidden = beyond(hidden, until);
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

const NO_SPANS: Span[] = [];

/** Where the last `length` bytes before `end` begin, line ends and what is skipped not counted. */
function startOf(data: Buffer, end: number, length: number, skipped: Span[]): number {
  let next = skipped.length - 1;
  let at = end;
  for (let left = length; left > 0 && at > 0; ) {
    const span = skipped[next];
    if (span && span.end >= at) {
      at = Math.min(at, span.start);
      next -= 1;
      continue;
    }
    at--;
    if (data[at] !== LF && data[at] !== CR) left--;
  }
  return at;
}

/** What of the spans lies behind `until`, counted from there. */
function beyond<S extends Span>(spans: S[], until: number): S[] {
  return spans.filter(({ end }) => end > until).map((span) => ({ ...span, start: Math.max(0, span.start - until), end: span.end - until }));
}
