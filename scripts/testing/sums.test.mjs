import { expect, it } from 'vitest';
import { countsOf, lineOf, summaryOf, totalOf } from './sums.mjs';

const report = { numTotalTests: 10, numPassedTests: 7, numPendingTests: 2, numTodoTests: 1 };

it('counts what was skipped, and does not take it for failed or passed', () => {
  expect(countsOf(report, 0)).toEqual({ passed: 7, failed: 0, skipped: 3 });
  expect(countsOf({ ...report, numPassedTests: 5 }, 1)).toEqual({ passed: 5, failed: 2, skipped: 3 });
});

it('counts a failure outside of any test as one', () => {
  expect(countsOf(report, 1)).toMatchObject({ failed: 1 });
});

it('ends with a line that begins the same whether or not anything was skipped', () => {
  const sums = [
    { name: 'router', passed: 40, failed: 0, skipped: 0, seconds: 9 },
    { name: 'agents', passed: 90, failed: 1, skipped: 2, seconds: 60 },
  ];
  expect(summaryOf(totalOf(sums))).toBe('130 passed, 1 failed, 2 skipped');
  expect(summaryOf(totalOf(sums.slice(0, 1)))).toBe('40 passed, 0 failed');
  expect(sums.map(lineOf)).toEqual([
    'router       40 passed    0 failed    0 skipped 9 s',
    'agents       90 passed    1 failed    2 skipped 60 s',
  ]);
});
