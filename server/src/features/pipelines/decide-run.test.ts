import { expect, it } from 'vitest';
import { aPipeline } from '../../testing/builders.js';
import { decideRun } from './decide-run.js';
import { EVERYTHING } from './event-filter.js';
import type { CompiledPipeline } from './pipeline.js';

const on = (triggers: Partial<CompiledPipeline['on']>): CompiledPipeline => ({
  ...aPipeline(),
  on: { push: null, pullRequest: null, manual: false, ...triggers },
});
const pushTo = (branch: string) => ({ kind: 'push' as const, ref: `refs/heads/${branch}`, message: '', changedPaths: null });

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
])('a push to %s with branches %j but not %j: %s', (branch, branches, branchesIgnore, expected) => {
  expect(decideRun(on({ push: { ...EVERYTHING, branches, branchesIgnore } }), pushTo(branch)).start).toBe(expected);
});

it('a pipeline that does not name an event runs for none, and says so', () => {
  expect(decideRun(on({ pullRequest: EVERYTHING }), pushTo('main'))).toMatchObject({ start: false, code: 'event_not_on' });
});
