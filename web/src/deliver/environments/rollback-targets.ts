import type { DeploymentRowFragment, ReleaseRowFragment } from '../../generated/graphql.ts';

type Past = Pick<DeploymentRowFragment, 'kind' | 'state' | 'release' | 'createdAt'>;
type Known = Pick<ReleaseRowFragment, 'id' | 'commitSha'>;
type Environment = {
  release?: Known | null;
  /** What the server goes back to when none is named. */
  rollbackRelease?: { id: string } | null;
  activeDeployment?: { state: string; release: Known } | null;
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
 * Releases that served here well, without the one to be left: the one that is on its way, or else the one that serves. First the server's choice, then
 * the newest; what was left by a rollback, and another build of what is to be left, come after all that is better.
 */
export function rollbackTargets(environment: Environment): RollbackTarget[] {
  const { warmRelease, rollbackRelease, deployments } = environment;
  const leaving = releaseToLeave(environment);
  const past = deployments.edges.map(({ node }) => node).filter((node) => node.state === 'SUCCEEDED');
  const left = new Set(past.flatMap((node, index) => (node.kind === 'rollback' ? [past[index + 1]?.release.id] : [])));
  const targets = new Map<string, RollbackTarget>();
  for (const { release: served, createdAt } of past) {
    if (served.id === leaving?.id || targets.has(served.id)) continue;
    targets.set(served.id, {
      release: served,
      servedAt: createdAt,
      isWarm: served.id === warmRelease?.id,
      wasRolledBack: left.has(served.id),
      isSameCommit: served.commitSha === leaving?.commitSha,
    });
  }
  const doubt = ({ release, isSameCommit, wasRolledBack }: RollbackTarget) =>
    release.id === rollbackRelease?.id ? -1 : Number(isSameCommit) * 2 + Number(wasRolledBack);
  return [...targets.values()].sort((a, b) => doubt(a) - doubt(b));
}

function releaseToLeave({ release, activeDeployment }: Environment): Known | null {
  const isUnderWay = activeDeployment && activeDeployment.state !== 'WAITING';
  return isUnderWay ? activeDeployment.release : (release ?? null);
}
