import type { LogLines, LogMark } from './log-lines.ts';

export const PAGE_LINES = 1000;
/** Text kept at most, in UTF-16 units; a page that nobody looked at for longest goes first. */
const MAX_CHARS = 16_000_000;

/** Consecutive lines from `first` on, without a gap. Text stays one string; where lines start is found when asked. */
type Page = { first: number; count: number; text: string; times: number[]; starts: Uint32Array | null };

export type LogLine = { number: number; text: string; timeMs: number | null };

/**
 * The lines of one log that are at hand: pages of {@link PAGE_LINES}, each filled from its beginning, bounded in memory.
 * Lines come in by range and live, in any order and more than once; what is already here is not added twice.
 */
export class LogStore {
  totalLines = 0;
  complete = false;
  /** Grows with each change; a cheap way to see that something is new. */
  version = 0;
  readonly steps = new Map<number, { name: string; line: number; exitCode: number | null; durationMs: number | null }>();
  readonly notices = new Set<number>();
  private readonly pages = new Map<number, Page>();
  private chars = 0;

  /** Takes what the server sent. A stretch that does not join its page is left out, and shows up in {@link missing}. */
  put(lines: LogLines): void {
    this.version++;
    this.totalLines = Math.max(this.totalLines, lines.totalLines, lines.firstLine + lines.times.length);
    if (lines.complete) this.complete = true;
    for (const mark of lines.marks) this.mark(mark);
    if (lines.times.length === 0) return;
    let { firstLine, text, times } = lines;
    if (lines.startsInsideLine) {
      const end = text.indexOf('\n');
      this.continueLine(firstLine, end < 0 ? text : text.slice(0, end));
      if (end < 0) return;
      firstLine++;
      text = text.slice(end + 1);
      times = times.slice(1);
    }
    this.putPages(firstLine, text, times);
    this.evict();
  }

  line(number: number): LogLine | null {
    const index = Math.floor(number / PAGE_LINES);
    const page = this.pages.get(index);
    if (!page || number >= page.first + page.count) return null;
    const at = number - page.first;
    const starts = startsOf(page);
    const end = at + 1 < page.count ? (starts[at + 1] ?? 0) - 1 : page.text.length;
    return { number, text: page.text.slice(starts[at] ?? 0, end), timeMs: page.times[at] ?? null };
  }

  /** Marks pages as looked at, so that they are the last to go. */
  touch(firstLine: number, endLine: number): void {
    for (let index = pageOf(firstLine); index <= pageOf(Math.max(firstLine, endLine - 1)); index++) {
      const page = this.pages.get(index);
      if (!page) continue;
      this.pages.delete(index);
      this.pages.set(index, page);
    }
  }

  /** Ranges to fetch so that all lines of [firstLine, endLine) are at hand; one range for a page. `liveNext`: comes by itself. */
  missing(firstLine: number, endLine: number, liveNext: number | null): { fromLine: number; count: number }[] {
    const ranges: { fromLine: number; count: number }[] = [];
    const end = Math.min(endLine, this.totalLines);
    for (let index = pageOf(Math.max(0, firstLine)); index * PAGE_LINES < end; index++) {
      const first = index * PAGE_LINES;
      const next = first + (this.pages.get(index)?.count ?? 0);
      const pageEnd = Math.min(first + PAGE_LINES, this.totalLines);
      if (next < pageEnd && next !== liveNext) ranges.push({ fromLine: next, count: first + PAGE_LINES - next });
    }
    return ranges;
  }

  get chargedChars(): number {
    return this.chars;
  }

  private mark(mark: LogMark): void {
    if (mark.kind === 'notice') this.notices.add(mark.line);
    else if (mark.kind === 'step') {
      const known = this.steps.get(mark.index);
      this.steps.set(mark.index, { exitCode: null, durationMs: null, ...known, name: mark.name, line: mark.line });
    } else {
      const known = this.steps.get(mark.index);
      if (known) this.steps.set(mark.index, { ...known, exitCode: mark.exitCode, durationMs: mark.durationMs });
    }
  }

  private continueLine(number: number, piece: string): void {
    const page = this.pages.get(pageOf(number));
    if (!page || page.first + page.count - 1 !== number) return;
    const before = page.text.length;
    // After a carriage return the line starts again.
    const kept = piece.startsWith('\r') ? page.text.lastIndexOf('\n') + 1 : before;
    page.text = page.text.slice(0, kept) + piece.slice(piece.startsWith('\r') ? 1 : 0);
    this.chars += page.text.length - before;
  }

  private putPages(firstLine: number, text: string, times: number[]): void {
    let line = firstLine;
    let at = 0;
    let used = 0;
    while (used < times.length) {
      const take = Math.min((pageOf(line) + 1) * PAGE_LINES - line, times.length - used);
      const last = used + take === times.length;
      const end = last ? text.length : endOfLines(text, at, take);
      this.putPage(line, take, text.slice(at, end), times.slice(used, used + take));
      line += take;
      used += take;
      at = end + 1;
    }
  }

  /** Appends to the page if it joins; lines that are here already are replaced when the stretch reaches to the page's end. */
  private putPage(line: number, count: number, text: string, times: number[]): void {
    const index = pageOf(line);
    const page = this.pages.get(index);
    const next = page ? page.first + page.count : index * PAGE_LINES;
    if (line > next || line + count < next) return;
    if (!page) {
      this.pages.set(index, { first: line, count, text, times, starts: null });
      this.chars += text.length;
      return;
    }
    const before = page.text.length;
    if (line < next) truncate(page, line - page.first);
    page.text = page.count === 0 ? text : `${page.text}\n${text}`;
    for (const time of times) page.times.push(time);
    page.count += count;
    page.starts = null;
    this.chars += page.text.length - before;
  }

  private evict(): void {
    const tail = pageOf(Math.max(0, this.totalLines - 1));
    for (const [index, page] of this.pages) {
      if (this.chars <= MAX_CHARS) return;
      if (index === tail) continue;
      this.pages.delete(index);
      this.chars -= page.text.length;
    }
  }
}

const pageOf = (line: number) => Math.floor(line / PAGE_LINES);

function truncate(page: Page, count: number): void {
  page.text = count === 0 ? '' : page.text.slice(0, (startsOf(page)[count] ?? 0) - 1);
  page.times.length = count;
  page.count = count;
  page.starts = null;
}

function startsOf(page: Page): Uint32Array {
  if (page.starts) return page.starts;
  const starts = new Uint32Array(page.count);
  let at = 0;
  for (let i = 1; i < page.count; i++) {
    at = page.text.indexOf('\n', at) + 1;
    starts[i] = at;
  }
  page.starts = starts;
  return starts;
}

/** Index of the line feed that ends `count` lines from `at`. */
function endOfLines(text: string, at: number, count: number): number {
  let end = at - 1;
  for (let i = 0; i < count; i++) end = text.indexOf('\n', end + 1);
  return end;
}
