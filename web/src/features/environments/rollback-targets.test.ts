import { expect, it } from 'vitest';
import { rollbackTargets } from './rollback-targets.ts';

type Step = [version: string, kind?: 'deploy' | 'rollback', state?: string];

const release = (id: string) => ({ id, commitSha: id.slice(0, 1) }) as never;

/** Oldest first. */
function targets(serving: string, warm: string | null, ...steps: Step[]) {
  const edges = steps.map(([id, kind = 'deploy', state = 'SUCCEEDED'], index) => ({
    node: { kind, state, release: release(id), createdAt: String(index) } as never,
  }));
  const found = rollbackTargets({
    release: release(serving),
    warmRelease: warm ? { id: warm } : null,
    deployments: { edges: edges.reverse() },
  });
  return found.map((target) => target.release.id);
}

it('offers what served well, newest first, and never what serves now or what failed', () => {
  expect(targets('c', 'b', ['a'], ['b'], ['x', 'deploy', 'ROLLED_BACK'], ['c'])).toEqual(['b', 'a']);
  expect(targets('a', null, ['a'], ['a'])).toEqual([]);
});

it('goes on to the last good one after a rollback, and not back to what was just left', () => {
  expect(targets('b', 'c', ['a'], ['b'], ['c'], ['b', 'rollback'])).toEqual(['a', 'c']);
  expect(targets('a', 'b', ['a'], ['b'], ['a', 'rollback'])).toEqual(['b']);
});

it('does not begin with another build of the commit that serves', () => {
  expect(targets('b2', 'b1', ['a'], ['b1'], ['b2'])).toEqual(['a', 'b1']);
});
