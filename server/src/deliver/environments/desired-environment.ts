import type { DesiredEnvironment } from '@slipway/protocol';
import type { Tx } from '../../platform/database.js';
import type { SecretStore } from '../secrets/secret-store.js';
import type { EnvironmentRow, PlacedRelease } from './environment.js';

export type DesiredDeps = {
  secrets: SecretStore;
  /** Bearer token with which that agent may fetch the artifacts of that environment. */
  artifactToken(agentId: string, environmentId: string): string | Promise<string>;
};

/** What the agent is told: the only place where an environment's secrets are opened, for the reply and for nothing else. */
export async function assembleDesired(tx: Pick<Tx, 'query'>, deps: DesiredDeps, environment: EnvironmentRow): Promise<DesiredEnvironment> {
  const { id, agentId, port } = environment;
  if (!agentId || !port) throw new Error(`Environment ${id} has no agent to be told anything.`);
  const releases = environment.desired.map(async ({ ofRelease: _, secrets, ...placed }: PlacedRelease) => ({
    ...placed,
    secrets: await deps.secrets.open(tx, secrets),
  }));
  return {
    environmentId: id,
    project: environment.project,
    name: environment.name,
    generation: environment.generation,
    port,
    deleted: environment.state !== 'active',
    limits: { cpuCores: environment.cpuCores, memoryMib: environment.memoryMib, storageMib: environment.storageMib },
    releases: await Promise.all(releases),
    token: await deps.artifactToken(agentId, id),
  };
}
