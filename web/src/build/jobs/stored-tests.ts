import type { RunJobFragment } from '../../generated/graphql.ts';
import { formatCount } from '../../ui/format.ts';

export type TestTotals = NonNullable<RunJobFragment['tests']>;

const sum = ({ passed, failed, skipped }: Pick<TestTotals, 'passed' | 'failed' | 'skipped'>): number => passed + failed + skipped;

/** Of large reports not every case is stored. Null: all are. */
export function storedTests(total: TestTotals): string | null {
  const onlyCounted = sum(total.onlyCounted);
  if (onlyCounted === 0) return null;
  return `${formatCount(sum(total))} cases were reported, ${formatCount(sum(total) - onlyCounted)} are stored, failures first.`;
}
