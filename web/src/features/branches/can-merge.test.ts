import { expect, it } from 'vitest';
import { canMerge, type Preview } from './can-merge.ts';

const preview = (more: Partial<Preview> = {}): Preview => ({
  allowed: true,
  canFastForward: false,
  isUnrelated: false,
  isUpToDate: false,
  sourceSha: 'a',
  targetSha: 'b',
  rule: null,
  missingChecks: [],
  conflicts: [],
  ...more,
});

it('offers a merge that the server would make, and no other', () => {
  expect(canMerge(preview(), 'merge_commit')).toBe(true);
  expect(canMerge(preview(), 'fast_forward')).toBe(false);
  expect(canMerge(preview({ canFastForward: true }), 'fast_forward')).toBe(true);
  for (const met of [
    { isUpToDate: true },
    { isUnrelated: true },
    { allowed: false },
    { missingChecks: [{ job: 'unit', state: null }] },
    { conflicts: [{ path: 'a', kind: 'content' as const, message: 'Both changed it.' }] },
  ])
    expect(canMerge(preview(met), 'squash')).toBe(false);
});
