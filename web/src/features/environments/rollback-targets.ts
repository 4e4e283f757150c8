import type { DeploymentRowFragment, ReleaseRowFragment } from '../../generated/graphql.ts';

type Environment = {
  release?: { id: string } | null;
  warmRelease?: ReleaseRowFragment | null;
  deployments: { edges: { node: Pick<DeploymentRowFragment, 'state' | 'release'> }[] };
};

export type RollbackTarget = { id: string; number: number; version: string; subject: string; warm: boolean };

/** Releases that served here well, the warm one first, without the one that serves now. */
export function rollbackTargets({ release, warmRelease, deployments }: Environment): RollbackTarget[] {
  const served = deployments.edges.filter(({ node }) => node.state === 'SUCCEEDED').map(({ node }) => node.release);
  const candidates = warmRelease ? [warmRelease, ...served] : served;
  const targets = new Map<string, RollbackTarget>();
  for (const each of candidates) {
    if (each.id === release?.id || targets.has(each.id)) continue;
    const subject = each.commit?.subject ?? each.branch;
    targets.set(each.id, { id: each.id, number: each.number, version: each.version, subject, warm: each.id === warmRelease?.id });
  }
  return [...targets.values()];
}
