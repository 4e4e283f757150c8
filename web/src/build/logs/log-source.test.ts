import { describe, expect, it, vi } from 'vitest';
import type { LogLines, LogTransport } from './log-lines.ts';
import { LogSource } from './log-source.ts';

/** A log on a server that one can make grow, cut off and bring back. */
class FakeTransport implements LogTransport {
  texts: string[];
  complete = false;
  fetches = 0;
  failing = false;
  private live: { fromLine: () => number; onLines(lines: LogLines): void; onEnd(error: unknown): void } | null = null;

  constructor(count: number) {
    this.texts = Array.from({ length: count }, (_, index) => `line ${index}`);
  }

  read(fromLine: number, count = 20_000): LogLines {
    const first = fromLine < 0 ? Math.max(0, this.texts.length + fromLine) : fromLine;
    const part = this.texts.slice(first, first + count);
    const atEnd = first + part.length === this.texts.length;
    return {
      firstLine: first,
      lineCount: part.length,
      text: part.join('\n'),
      times: part.map(() => 0),
      startsInsideLine: false,
      marks: [],
      complete: this.complete && atEnd,
      totalLines: this.texts.length,
      attemptId: null,
    };
  }

  async fetch(fromLine: number, count: number): Promise<LogLines> {
    this.fetches++;
    if (this.failing) throw new TypeError('fetch failed');
    return this.read(fromLine, count);
  }

  subscribe(fromLine: () => number, sink: { onLines(lines: LogLines): void; onEnd(error: unknown): void }) {
    this.live = { fromLine, ...sink };
    return () => {
      this.live = null;
    };
  }

  /** Sends what the subscriber has not seen, as a reconnected socket would ask for it. */
  reconnect(): void {
    if (this.live) this.live.onLines(this.read(this.live.fromLine()));
  }

  print(...texts: string[]): void {
    const first = this.texts.length;
    this.texts.push(...texts);
    this.live?.onLines(this.read(first));
  }

  printUnseen(...texts: string[]): void {
    this.texts.push(...texts);
  }

  endLive(error: unknown): void {
    this.live?.onEnd(error);
  }
}

async function opened(transport: FakeTransport) {
  const source = new LogSource(transport);
  source.open();
  await vi.waitFor(() => expect(source.opened).toBe(true));
  return source;
}

const shown = (source: LogSource) => Array.from({ length: source.store.totalLines }, (_, line) => source.store.line(line)?.text);

describe('LogSource', () => {
  it('opens a million lines with one request for their end', async () => {
    const transport = new FakeTransport(1_000_000);
    transport.complete = true;
    const source = await opened(transport);
    expect(transport.fetches).toBe(1);
    expect(source.store.line(999_999)?.text).toBe('line 999999');
    source.close();
  });

  it('misses no line and repeats none when the socket was lost and came back', async () => {
    const transport = new FakeTransport(5);
    const source = await opened(transport);
    transport.print('six', 'seven');
    transport.printUnseen('eight', 'nine');
    transport.reconnect();
    transport.print('ten');
    expect(shown(source)).toEqual(transport.texts);
    source.close();
  });

  it('subscribes again when the server ends a log that is not complete', async () => {
    const transport = new FakeTransport(3);
    const source = await opened(transport);
    transport.printUnseen('four');
    transport.endLive(new Error('server restarts'));
    expect(source.problem).toMatch(/goes on/);
    await vi.waitFor(
      () => {
        transport.reconnect();
        expect(shown(source)).toEqual(transport.texts);
      },
      { timeout: 3000 },
    );
    source.close();
  });

  it('tells its listeners once a frame, however many batches come', async () => {
    const transport = new FakeTransport(0);
    const source = await opened(transport);
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const told = vi.fn();
    source.subscribe(told);
    for (let i = 0; i < 500; i++) transport.print(`line ${i}`);
    await vi.waitFor(() => expect(told).toHaveBeenCalled());
    expect(told).toHaveBeenCalledTimes(1);
    expect(source.store.totalLines).toBe(500);
    source.close();
  });

  it('fetches what is looked at and nothing else, and tries again when it fails', async () => {
    const transport = new FakeTransport(100_000);
    transport.complete = true;
    const source = await opened(transport);
    transport.failing = true;
    source.want(50_000, 50_060);
    await vi.waitFor(() => expect(source.problem).toMatch(/can’t be reached/));
    transport.failing = false;
    await vi.waitFor(() => expect(source.store.line(50_059)?.text).toBe('line 50059'), { timeout: 3000 });
    expect(source.problem).toBeNull();
    expect(source.store.line(40_000)).toBeNull();
    source.close();
  });

  it('finds lines that are not at hand, in both directions, and says how far it looked', async () => {
    const transport = new FakeTransport(300_000);
    transport.complete = true;
    transport.texts[120_345] = 'here';
    const source = await opened(transport);
    const never = new AbortController().signal;
    const isHere = (text: string) => text === 'here';
    expect(await source.find(60_000, 1, isHere, never)).toEqual({ line: 120_345 });
    expect(await source.find(200_000, -1, isHere, never)).toEqual({ line: 120_345 });
    expect(await source.find(120_346, 1, isHere, never)).toEqual({ line: null, searchedTo: 220_346 });
    expect(source.store.line(120_345)).toBeNull();
    source.close();
  });
});
