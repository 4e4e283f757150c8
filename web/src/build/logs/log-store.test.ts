import { describe, expect, it } from 'vitest';
import type { LogLines } from './log-lines.ts';
import { LogStore, PAGE_LINES } from './log-store.ts';

function lines(firstLine: number, texts: string[], more: Partial<LogLines> = {}): LogLines {
  return {
    firstLine,
    lineCount: texts.length,
    text: texts.join('\n'),
    times: texts.map((_, index) => 1000 + firstLine + index),
    startsInsideLine: false,
    marks: [],
    complete: false,
    totalLines: firstLine + texts.length,
    attemptId: null,
    ...more,
  };
}
const numbered = (from: number, count: number) => Array.from({ length: count }, (_, index) => `line ${from + index}`);
const textOf = (store: LogStore, from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => store.line(from + index)?.text);

describe('LogStore', () => {
  it('gives back every line with its time, across pages, however it was cut', () => {
    const store = new LogStore();
    for (let at = 0; at < 3500; at += 700) store.put(lines(at, numbered(at, 700)));
    expect(textOf(store, 0, 3500)).toEqual(numbered(0, 3500));
    expect(store.line(2999)?.timeMs).toBe(3999);
    expect(store.totalLines).toBe(3500);
  });

  it('joins the pieces of a line that came in two', () => {
    const store = new LogStore();
    store.put(lines(0, ['one', 'tw']));
    store.put(lines(1, ['o', 'three'], { startsInsideLine: true, totalLines: 3 }));
    expect(textOf(store, 0, 3)).toEqual(['one', 'two', 'three']);
  });

  it('starts a line again after a carriage return', () => {
    const store = new LogStore();
    store.put(lines(0, ['one', '10 %']));
    store.put(lines(1, ['\r50 %'], { startsInsideLine: true, totalLines: 2 }));
    store.put(lines(1, ['\r100 %', 'three'], { startsInsideLine: true, totalLines: 3 }));
    expect(textOf(store, 0, 3)).toEqual(['one', '100 %', 'three']);
  });

  it('takes a line sent again as the truth, and adds nothing twice', () => {
    const store = new LogStore();
    store.put(lines(0, ['a', 'b', 'unfini']));
    store.put(lines(2, ['unfinished', 'd']));
    store.put(lines(0, ['a', 'b']));
    expect(textOf(store, 0, 5)).toEqual(['a', 'b', 'unfinished', 'd', undefined]);
  });

  it('leaves out what does not join, and says that it is missing', () => {
    const store = new LogStore();
    store.put(lines(0, numbered(0, 10), { totalLines: 2500 }));
    store.put(lines(2100, numbered(2100, 400)));
    expect(store.line(2100)).toBeNull();
    expect(store.missing(0, 2500, null)).toEqual([
      { fromLine: 10, count: PAGE_LINES - 10 },
      { fromLine: 1000, count: PAGE_LINES },
      { fromLine: 2000, count: PAGE_LINES },
    ]);
  });

  it('asks for nothing that the live tail is about to bring', () => {
    const store = new LogStore();
    store.put(lines(0, numbered(0, 10), { totalLines: 12 }));
    expect(store.missing(0, 12, 10)).toEqual([]);
  });

  it('keeps a bounded amount of text, the pages in view and the tail last to go', () => {
    const store = new LogStore();
    const long = (from: number) => numbered(from, PAGE_LINES).map((text) => text.padEnd(2000, '.'));
    for (let page = 0; page < 30; page++) {
      store.put(lines(page * PAGE_LINES, long(page * PAGE_LINES)));
      store.touch(0, 1);
    }
    expect(store.chargedChars).toBeLessThan(20_000_000);
    expect(store.line(0)).not.toBeNull();
    expect(store.line(29 * PAGE_LINES)).not.toBeNull();
    expect(store.line(10 * PAGE_LINES)).toBeNull();
  });
});
