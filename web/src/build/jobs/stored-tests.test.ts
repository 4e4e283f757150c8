import { expect, it } from 'vitest';
import { storedTests } from './stored-tests.ts';

const counts = (passed: number, failed: number, skipped: number) => ({ passed, failed, skipped });

it('says of large reports how many cases are stored, and nothing where all are', () => {
  expect(storedTests({ ...counts(8, 2, 1), onlyCounted: counts(0, 0, 0) })).toBeNull();
  const told = storedTests({ ...counts(539_000, 900, 100), onlyCounted: counts(440_000, 0, 0) });
  expect(told?.replaceAll('\u2009', ',')).toBe('540,000 cases were reported, 100,000 are stored, failures first.');
});
