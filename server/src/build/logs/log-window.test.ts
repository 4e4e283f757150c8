import type { RawLogChunk } from '@slipway/protocol';
import { describe, expect, it } from 'vitest';
import { encodeLogBlock, StoredLogBlock } from './log-block.js';
import { BatchBuilder, type LogBatch } from './log-lines.js';
import { LogWindow, UnfitLogChunk } from './log-window.js';

const EVERYTHING = { maxLines: 1_000_000, maxBytes: 1e9 };

function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Chunks of a text cut at random, as an agent would number them. */
function chunksOf(text: string, next: (below: number) => number): RawLogChunk[] {
  const chunks: RawLogChunk[] = [];
  let line = 0;
  let open = false;
  for (let at = 0; at < text.length; ) {
    const part = text.slice(at, at + 1 + next(12));
    at += part.length;
    const endsInsideLine = !part.endsWith('\n');
    const body = endsInsideLine ? part : part.slice(0, -1);
    const pieces = body.split('\n').length;
    const times = Float64Array.from({ length: pieces }, (_, i) => 1000 + line + i);
    chunks.push({
      n: chunks.length,
      firstLine: line,
      startsInsideLine: open,
      endsInsideLine,
      last: false,
      times,
      text: Buffer.from(body),
      marks: [],
    });
    line += pieces - (endsInsideLine ? 1 : 0);
    open = endsInsideLine;
  }
  return chunks;
}

/** Puts batches together as a viewer does. */
function assemble(lines: string[], batch: LogBatch): void {
  if (batch.lineCount === 0) return;
  const pieces = batch.text.split('\n');
  expect(pieces).toHaveLength(batch.lineCount);
  expect(batch.firstLine).toBe(lines.length - (batch.startsInsideLine ? 1 : 0));
  if (batch.startsInsideLine) lines.push(`${lines.pop()}${pieces.shift()}`);
  lines.push(...pieces);
}

describe('a window', () => {
  it('gives every reader the same lines, however chunks are cut and readers lag', () => {
    const next = random(5);
    for (let round = 0; round < 300; round++) {
      const text = Array.from({ length: 200 }, () => 'abc\nü\n'[next(6)]).join('');
      const window = new LogWindow({ chunk: 0, line: 0 });
      const readers = [1, 3, 10].map((lag) => ({ lag, cursor: { line: 0, bytes: 0 }, lines: [] as string[] }));
      const advance = (reader: (typeof readers)[number]) => {
        for (;;) {
          const batch = window.read(reader.cursor, { maxLines: 1 + next(6), maxBytes: 1 + next(20) });
          if (!batch || batch.lineCount === 0) return;
          assemble(reader.lines, batch);
          reader.cursor = batch.next;
        }
      };
      for (const chunk of chunksOf(text, next)) {
        window.append(chunk, chunk.n);
        for (const reader of readers) if (next(reader.lag) === 0) advance(reader);
      }
      for (const reader of readers) {
        advance(reader);
        expect(reader.lines).toEqual(text.endsWith('\n') ? text.split('\n').slice(0, -1) : text.split('\n'));
      }
    }
  });

  it('lets a reader that has a piece of a line go on in a sealed block', async () => {
    const text = 'zero\none two three\nfour';
    const block = await encodeLogBlock({ firstLine: 10, text: Buffer.from(text), times: Float64Array.of(5, 3, 9), marks: [] });
    const segment = await new StoredLogBlock(block).segment();
    const builder = new BatchBuilder({ line: 11, bytes: 4 }, EVERYTHING);
    builder.add(segment);
    expect(builder.batch({ reachesEnd: false })).toMatchObject({
      firstLine: 11,
      lineCount: 2,
      text: 'two three\nfour',
      times: [3, 9],
      startsInsideLine: true,
      next: { line: 13, bytes: 0 },
    });
  });

  it('refuses a chunk that leaves a gap, repeats, or names another number of lines', () => {
    const [first, second] = chunksOf('one\ntwo\nthree\n', () => 5) as [RawLogChunk, RawLogChunk];
    const window = new LogWindow({ chunk: 0, line: 0 });
    expect(() => window.append(second, 1)).toThrow(UnfitLogChunk);
    window.append(first, 1);
    expect(() => window.append(first, 2)).toThrow(UnfitLogChunk);
    expect(() => window.append({ ...second, times: [1] }, 2)).toThrow(UnfitLogChunk);
    expect(() => window.append({ ...second, startsInsideLine: !second.startsInsideLine }, 2)).toThrow(UnfitLogChunk);
    window.append(second, 2);
  });

  it('lets go of sealed chunks alone, and only where a line begins', () => {
    const window = new LogWindow({ chunk: 0, line: 0 });
    for (const chunk of chunksOf('aaaaa\nbbbb\ncccc\n', () => 2)) window.append(chunk, chunk.n);
    window.shrink(0, 0);
    expect(window.start).toEqual({ line: 0, bytes: 0 });
    window.shrink(3, 0); // chunks of 3 bytes: the second ends the first line, the third a part of the next
    expect(window.start).toEqual({ line: 1, bytes: 0 });
    expect(window.read({ line: 0, bytes: 0 }, EVERYTHING)).toBeNull();
    expect(window.read({ line: 1, bytes: 0 }, EVERYTHING)?.text).toBe('bbbb\ncccc');
  });
});

describe('a hostile agent', () => {
  const aChunk = (n: number, changes: Partial<RawLogChunk>): RawLogChunk => ({
    n,
    firstLine: 0,
    startsInsideLine: n > 0,
    endsInsideLine: true,
    last: false,
    times: [1],
    text: Buffer.alloc(400_000, 'a'),
    marks: [],
    ...changes,
  });

  it('fills no memory with a line that never ends', () => {
    const window = new LogWindow({ chunk: 0, line: 0 });
    for (const n of [0, 1]) window.append(aChunk(n, {}), n);
    for (let again = 0; again < 3; again++) expect(() => window.append(aChunk(2, {}), 2)).toThrow(UnfitLogChunk);
    expect(window.nextChunk).toBe(2);
    expect(window.from(0)).toHaveLength(2);
  });

  it('fills no memory with marks that weigh nothing', () => {
    const marks = Array.from({ length: 1_000 }, () => ({ kind: 'notice' as const, line: 0 }));
    const window = new LogWindow({ chunk: 0, line: 0 });
    const chunk = aChunk(0, { times: [], text: Buffer.alloc(0), endsInsideLine: false, marks });
    expect(window.append(chunk, 0)).toBeGreaterThan(64 * 1024);
  });

  it('can not keep a log from being sealed by a clock that jumps by years', async () => {
    const times = Float64Array.of(1_000, 1e13);
    const block = new StoredLogBlock(await encodeLogBlock({ firstLine: 0, text: Buffer.from('a\nb'), times, marks: [] }));
    expect(Array.from((await block.segment()).times)).toEqual([1_000, 1_000 + 2 ** 32 - 1]);
  });
});

describe('a sealed block', () => {
  it('gives back lines, times and marks, from any line', async () => {
    const lines = Array.from({ length: 3_000 }, (_, i) => (i % 7 === 0 ? '' : `line ${i} é`));
    const marks = [{ kind: 'notice' as const, line: 12 }];
    const times = Float64Array.from(lines, (_, i) => 1e12 + i * 3);
    const stored = new StoredLogBlock(await encodeLogBlock({ firstLine: 500, text: Buffer.from(lines.join('\n')), times, marks }));
    expect(stored.marks).toEqual(marks);
    const segment = await stored.segment();
    for (const at of [0, 1, 255, 256, 257, 1_999, 2_999]) {
      const builder = new BatchBuilder({ line: 500 + at, bytes: 0 }, { maxLines: 2, maxBytes: 1e6 });
      builder.add(segment);
      const batch = builder.batch({ reachesEnd: false });
      expect(batch.text).toBe(lines.slice(at, at + 2).join('\n'));
      expect(batch.times).toEqual([...times.slice(at, at + 2)]);
    }
  });

  it('holds a log of empty lines', async () => {
    const stored = new StoredLogBlock(
      await encodeLogBlock({ firstLine: 0, text: Buffer.from('\n\n'), times: Float64Array.of(1, 1, 1), marks: [] }),
    );
    const builder = new BatchBuilder({ line: 1, bytes: 0 }, EVERYTHING);
    builder.add(await stored.segment());
    expect(builder.batch({ reachesEnd: true })).toMatchObject({ text: '\n', lineCount: 2 });
  });
});
