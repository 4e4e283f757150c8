import { expect, it } from 'vitest';
import { RareLines } from './rare-lines.js';

it('writes one line a minute for each key, and how many it left out', () => {
  const lines: [string, number][] = [];
  let nowMs = 0;
  const rare = new RareLines(
    { warn: (details: { key: string; leftOut: number }) => lines.push([details.key, details.leftOut]) } as never,
    () => nowMs,
  );
  const warn = (key: string) => rare.warn(key, { key }, 'Refused.');
  warn('a');
  warn('a');
  warn('b');
  nowMs = 59_999;
  warn('a');
  expect(lines).toEqual([
    ['a', 0],
    ['b', 0],
  ]);
  nowMs = 60_000;
  warn('a');
  warn('a');
  expect(lines.slice(2)).toEqual([['a', 2]]);
});
