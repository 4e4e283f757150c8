import { expect, it } from 'vitest';
import { forkOf } from './fork-rule.js';

const ref = 'patch-1';

it('takes for its own only what a branch of the same repository holds', () => {
  expect(forkOf({ headId: 1, baseId: 1, name: 'acme/app', ref })).toBeNull();
  expect(forkOf({ headId: 2, baseId: 1, name: 'stranger/app', ref })).toBe('stranger/app');
  expect(forkOf({ headId: 1, baseId: 1, name: 'acme/app', ref: 'refs/pull/1/head' })).toBe('acme/app');
});

it.each([null, undefined])('never takes for its own what the host names by %s, on either side or both', (nothing) => {
  for (const [headId, baseId] of [
    [nothing, 1],
    [1, nothing],
    [nothing, nothing],
  ] as const)
    for (const name of ['acme/app', null, '']) expect(forkOf({ headId, baseId, name, ref })).toBeTruthy();
});

it('says of a fork that is gone whose it was, where that is known', () => {
  expect(forkOf({ headId: null, baseId: 1, ref })).toBe('a deleted fork');
  expect(forkOf({ headId: null, baseId: 1, owner: 'stranger', ref })).toBe('a deleted fork of stranger');
});
