import type { DeploymentRowFragment, ReleaseRowFragment } from '../../generated/graphql.ts';

type Past = Pick<DeploymentRowFragment, 'kind' | 'state' | 'release' | 'createdAt'>;
type Environment = {
  release?: Pick<ReleaseRowFragment, 'id' | 'commitSha'> | null;
  warmRelease?: { id: string } | null;
  /** Newest first. */
  deployments: { edges: { node: Past }[] };
};

export type RollbackTarget = {
  release: ReleaseRowFragment;
  servedAt: string;
  /** Runs beside what serves: the switch takes under a second. */
  isWarm: boolean;
  /** Somebody went back from it to an older one. */
  wasRolledBack: boolean;
  /** Another build of the commit that serves now. */
  isSameCommit: boolean;
};

/**
 * Releases that served here well, without the one that serves now, the one to go back to first: the newest that nobody has had to leave.
 * What was left by a rollback, and another build of what serves now, come after all that is better.
 */
export function rollbackTargets({ release, warmRelease, deployments }: Environment): RollbackTarget[] {
  const past = deployments.edges.map(({ node }) => node).filter((node) => node.state === 'SUCCEEDED');
  const left = new Set(past.flatMap((node, index) => (node.kind === 'rollback' ? [past[index + 1]?.release.id] : [])));
  const targets = new Map<string, RollbackTarget>();
  for (const { release: served, createdAt } of past) {
    if (served.id === release?.id || targets.has(served.id)) continue;
    targets.set(served.id, {
      release: served,
      servedAt: createdAt,
      isWarm: served.id === warmRelease?.id,
      wasRolledBack: left.has(served.id),
      isSameCommit: served.commitSha === release?.commitSha,
    });
  }
  const doubt = (target: RollbackTarget) => Number(target.isSameCommit) * 2 + Number(target.wasRolledBack);
  return [...targets.values()].sort((a, b) => doubt(a) - doubt(b));
}
