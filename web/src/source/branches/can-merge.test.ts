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
  expect(canMerge(preview(), 'MERGE_COMMIT')).toBe(true);
  expect(canMerge(preview(), 'FAST_FORWARD')).toBe(false);
  expect(canMerge(preview({ canFastForward: true }), 'FAST_FORWARD')).toBe(true);
  for (const met of [
    { isUpToDate: true },
    { isUnrelated: true },
    { allowed: false },
    { missingChecks: [{ job: 'unit', state: null }] },
    { conflicts: [{ path: 'a', kind: 'CONTENT' as const, message: 'Both changed it.' }] },
  ])
    expect(canMerge(preview(met), 'SQUASH')).toBe(false);
});
