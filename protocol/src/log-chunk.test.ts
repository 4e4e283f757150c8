import { describe, expect, it } from 'vitest';
import { decodeLogChunk, encodeLogChunk, type LogChunk, MalformedLogChunk, readLogChunk } from './log-chunk.js';

const aChunk = (over: Partial<LogChunk> = {}): LogChunk => ({
  n: 7,
  firstLine: 41,
  startsInsideLine: true,
  endsInsideLine: false,
  last: false,
  times: [1_700_000_000_123, 1_700_000_000_124, 1_700_000_009_999],
  text: 'rest of a line\n\nünïcode ✓ 🚢',
  marks: [
    { kind: 'step', line: 42, index: 0, name: 'build' },
    { kind: 'step_end', line: 44, index: 0, exitCode: null, durationMs: 12.5 },
    { kind: 'notice', line: 44 },
  ],
  ...over,
});

describe('a log chunk', () => {
  it.each<[string, Partial<LogChunk>]>([
    ['with all there is', {}],
    ['that ends inside a line', { endsInsideLine: true }],
    ['that only ends the log', { times: [], text: '', marks: [], last: true, startsInsideLine: false }],
    ['of one empty line', { times: [5], text: '', marks: [] }],
    ['with the largest numbers', { n: 2 ** 32 - 1, firstLine: 2 ** 32 - 1 }],
  ])('%s comes back as it was', (_, over) => {
    expect(decodeLogChunk(encodeLogChunk(aChunk(over)))).toEqual(aChunk(over));
  });

  it('gives its text as bytes without a copy', () => {
    const bytes = encodeLogChunk(aChunk());
    expect(readLogChunk(bytes).text.buffer).toBe(bytes.buffer);
  });

  it('never goes back in time, whatever the clock did', () => {
    expect(decodeLogChunk(encodeLogChunk(aChunk({ times: [100, 40, 130] }))).times).toEqual([100, 100, 130]);
    expect(decodeLogChunk(encodeLogChunk(aChunk({ times: [100, 1e12, 130] }))).times).toEqual([100, 100 + 2 ** 32 - 1, 130]);
  });

  it('is refused when cut short, of another version, or with marks that are none', () => {
    const bytes = encodeLogChunk(aChunk());
    expect(() => readLogChunk(bytes.subarray(0, 23))).toThrow(MalformedLogChunk);
    expect(() => readLogChunk(bytes.subarray(0, 30))).toThrow(MalformedLogChunk);
    expect(() => readLogChunk(Buffer.from(bytes).fill(9, 0, 1))).toThrow(MalformedLogChunk);
    const broken = Buffer.from(bytes);
    broken.write('x', 24 + 3 * 4);
    expect(() => readLogChunk(broken)).toThrow(MalformedLogChunk);
    for (const time of [Number.NaN, -1, Number.MAX_VALUE]) {
      const timeless = Buffer.from(bytes);
      timeless.writeDoubleLE(time, 16);
      expect(() => readLogChunk(timeless)).toThrow(MalformedLogChunk);
    }
  });

  it('is refused with a short reason, however many of its marks are none', () => {
    const marks = JSON.stringify(Array(4_000).fill({ kind: 'none' }));
    const bytes = Buffer.from(encodeLogChunk(aChunk({ times: [], marks: [], text: marks })));
    bytes.writeUInt16LE(marks.length, 2);
    const error = expect(() => readLogChunk(bytes));
    error.toThrow(MalformedLogChunk);
    error.toThrow(/^.{1,400}$/s);
  });
});
