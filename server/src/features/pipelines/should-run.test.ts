import { expect, it } from 'vitest';
import { aPipeline } from '../../testing/builders.js';
import { shouldRun } from './should-run.js';

const runs = (branch: string, branches: string[], branchesIgnore: string[] = []) =>
  shouldRun({ ...aPipeline(), on: { push: { branches, branchesIgnore }, manual: false } }, branch);

it.each<[string, string[], string[], boolean]>([
  ['main', [], [], true],
  ['main', ['main'], [], true],
  ['Main', ['main'], [], false],
  ['release/1', ['release/*'], [], true],
  ['release/1/fix', ['release/*'], [], false],
  ['release/1/fix', ['release/**'], [], true],
  ['feature/größe-日本', ['**'], [], true],
  ['wip/x', [], ['wip/**'], false],
  ['release/old', ['release/*', '!release/old'], [], false],
  ['.hidden', ['*'], [], true],
])('a push to %s with branches %j but not %j: %s', (branch, branches, ignore, expected) => {
  expect(runs(branch, branches, ignore)).toBe(expected);
});

it('a pipeline that does not name pushes runs for none', () => {
  expect(shouldRun({ ...aPipeline(), on: { push: null, manual: true } }, 'main')).toBe(false);
});
