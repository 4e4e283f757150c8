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

it('begins with what the server would go back to', () => {
  const edges = ['c', 'b', 'a'].map((id) => ({
    node: { kind: 'deploy', state: 'SUCCEEDED', release: release(id), createdAt: id } as never,
  }));
  const found = rollbackTargets({ release: release('c'), rollbackRelease: release('a'), deployments: { edges } });
  expect(found.map((target) => target.release.id)).toEqual(['a', 'b']);
});

it('goes back to what serves while another is on its way, and not while that only waits', () => {
  const edges = ['b', 'a'].map((id) => ({ node: { kind: 'deploy', state: 'SUCCEEDED', release: release(id), createdAt: id } as never }));
  const going = (state: string, rollbackRelease: string) =>
    rollbackTargets({
      release: release('b'),
      rollbackRelease: release(rollbackRelease),
      activeDeployment: { state, release: release('c') },
      deployments: { edges },
    }).map((target) => target.release.id);
  expect(going('ROLLING_OUT', 'b')).toEqual(['b', 'a']);
  expect(going('WAITING', 'a')).toEqual(['a']);
});
