import { sentences } from '../../ui/sentences.ts';
import type { LogTransport } from './log-lines.ts';
import { LogStore, PAGE_LINES } from './log-store.ts';

const MAX_FETCHES = 3;
const RETRY_FIRST_MS = 500;
const RETRY_MOST_MS = 10_000;
/** Lines that one search step looks through at most before it says so and stops. */
const SEARCH_LINES = 100_000;
const SEARCH_BATCH = 10_000;

type Found = { line: number } | { line: null; searchedTo: number };

/**
 * One open log: what is at hand (`store`), what is wanted and being fetched, and the live tail. Listeners are told at
 * most once a frame, however many lines arrive. Closed by who opened it.
 */
export class LogSource {
  readonly store = new LogStore();
  /** Why lines can't be had at the moment; null when all is well. It is retried automatically. */
  problem: string | null = null;
  opened = false;
  private readonly listeners = new Set<() => void>();
  private readonly fetching = new Map<number, AbortController>();
  private readonly timers = new Set<ReturnType<typeof setTimeout>>();
  private wanted: { firstLine: number; endLine: number } = { firstLine: 0, endLine: 0 };
  private liveNext: number | null = null;
  private unsubscribe: (() => void) | null = null;
  private retryMs = RETRY_FIRST_MS;
  private frame: number | null = null;
  private closed = false;
  private snapshot = 0;

  constructor(private readonly transport: LogTransport) {}

  /** Reads the end of the log and, if it still grows, stays with it. Tried again until it works. */
  open(): void {
    void this.attempt(async (signal) => {
      const lines = await this.transport.fetch(-2 * PAGE_LINES, 2 * PAGE_LINES, signal);
      this.store.put(lines);
      this.opened = true;
      if (!this.store.complete) this.tail();
      this.pump();
    });
  }

  close(): void {
    this.closed = true;
    this.unsubscribe?.();
    for (const controller of this.fetching.values()) controller.abort();
    for (const timer of this.timers) clearTimeout(timer);
    if (this.frame !== null) cancelAnimationFrame(this.frame);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly getSnapshot = (): number => this.snapshot;

  /** Says which lines are looked at: they are fetched, and nothing else is. */
  want(firstLine: number, endLine: number): void {
    this.wanted = { firstLine, endLine };
    this.store.touch(firstLine, endLine);
    this.pump();
  }

  /**
   * The next line from `from` on, in a direction, that `test` accepts. Lines not at hand are read for it but not kept.
   * Gives up after {@link SEARCH_LINES}, saying how far it came.
   */
  async find(from: number, direction: 1 | -1, test: (text: string) => boolean, signal: AbortSignal): Promise<Found> {
    const limit = direction > 0 ? Math.min(this.store.totalLines, from + SEARCH_LINES) : Math.max(-1, from - SEARCH_LINES);
    let line = from;
    while (direction > 0 ? line < limit : line > limit) {
      const text = this.store.line(line)?.text;
      if (text === undefined) {
        const found = await this.findInRange(line, direction, limit, test, signal);
        if (found.hit !== null) return { line: found.hit };
        line = found.next;
      } else {
        if (test(text)) return { line };
        line += direction;
      }
    }
    return { line: null, searchedTo: limit };
  }

  private async findInRange(line: number, direction: 1 | -1, limit: number, test: (text: string) => boolean, signal: AbortSignal) {
    const first = direction > 0 ? line : Math.max(limit + 1, line - SEARCH_BATCH + 1);
    const last = direction > 0 ? Math.min(limit - 1, line + SEARCH_BATCH - 1) : line;
    const { text } = await this.transport.fetch(first, last - first + 1, signal);
    const lines = text.split('\n');
    const order = lines.map((_, index) => index);
    if (direction < 0) order.reverse();
    const at = order.find((index) => test(lines[index] ?? ''));
    return { hit: at === undefined ? null : first + at, next: direction > 0 ? last + 1 : first - 1 };
  }

  private tail(): void {
    if (this.closed || this.store.complete) return;
    this.liveNext = this.store.totalLines;
    this.unsubscribe?.();
    // From the last line known, not after it: it may have been unfinished, and what comes replaces it.
    this.unsubscribe = this.transport.subscribe(() => Math.max(0, (this.liveNext ?? 0) - 1), {
      onLines: (lines) => {
        this.retryMs = RETRY_FIRST_MS;
        this.problem = null;
        this.store.put(lines);
        this.liveNext = Math.max(this.liveNext ?? 0, lines.firstLine + lines.times.length);
        this.tell();
        this.pump();
      },
      onEnd: (error) => this.tailEnded(error),
    });
  }

  private tailEnded(error: unknown): void {
    this.liveNext = null;
    if (this.closed || this.store.complete) return;
    if (error) this.problem = 'The live log was interrupted; it goes on in a moment.';
    this.tell();
    this.later(() => this.tail());
  }

  private pump(): void {
    if (!this.opened || this.closed) return;
    const { firstLine, endLine } = this.wanted;
    const ranges = this.store.missing(firstLine, endLine, this.liveNext);
    const pages = new Set(ranges.map((range) => range.fromLine));
    for (const [fromLine, controller] of this.fetching) if (!pages.has(fromLine)) controller.abort();
    for (const { fromLine, count } of ranges) {
      if (this.fetching.size >= MAX_FETCHES) return;
      if (!this.fetching.has(fromLine)) void this.fetchRange(fromLine, count);
    }
  }

  private async fetchRange(fromLine: number, count: number): Promise<void> {
    const controller = new AbortController();
    this.fetching.set(fromLine, controller);
    try {
      const lines = await this.transport.fetch(fromLine, count, controller.signal);
      this.store.put(lines);
      this.problem = null;
      this.retryMs = RETRY_FIRST_MS;
      this.fetching.delete(fromLine);
      this.tell();
      if (lines.times.length > 0) this.pump();
    } catch (error) {
      this.fetching.delete(fromLine);
      if (controller.signal.aborted || this.closed) return;
      this.failed(error);
      this.later(() => this.pump());
    }
  }

  private async attempt(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const controller = new AbortController();
    this.fetching.set(-1, controller);
    try {
      await work(controller.signal);
      this.problem = null;
    } catch (error) {
      if (controller.signal.aborted || this.closed) return;
      this.failed(error);
      this.later(() => void this.attempt(work));
    } finally {
      this.fetching.delete(-1);
      this.tell();
    }
  }

  private failed(error: unknown): void {
    const why = error instanceof TypeError ? 'the server can’t be reached' : error instanceof Error ? error.message : String(error);
    this.problem = sentences(`Lines can’t be read at the moment: ${why}`, 'It is retried automatically.');
    this.tell();
  }

  private later(action: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      action();
    }, this.retryMs);
    this.timers.add(timer);
    this.retryMs = Math.min(this.retryMs * 2, RETRY_MOST_MS);
  }

  private tell(): void {
    if (this.frame !== null || this.closed) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = null;
      this.snapshot++;
      for (const listener of this.listeners) listener();
    });
  }
}
