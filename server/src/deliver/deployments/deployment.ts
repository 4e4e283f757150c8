import { isDeepStrictEqual } from 'node:util';
import { shorten } from '@slipway/protocol';
import type { Strategy } from '../../build/pipelines/pipeline.js';
import { newId } from '../../platform/ids.js';
import { type EnvironmentRow, isOwnVariable, type PlacedRelease, type SecretRef } from '../environments/environment.js';
import type { ReleaseRow } from '../releases/release.js';
import type { DeploymentState } from './deployment-state.js';
import type { Rollout, Undoing } from './rollout.js';
import type { TrafficTally } from './traffic-tally.js';

/** What a release is given at one place: part of what a deployment brings, and of what a rollback brings back. */
export type Configuration = { variables: Record<string, string>; secrets: SecretRef[] };

export type DeploymentKind = 'deploy' | 'rollback';

/** Why something is not deployed: a stable code, and a sentence for people. */
export type Refusal = { reason: string; message: string };

/** What is kept of a rollout beside state and strategy; see {@link Rollout}. */
export type StoredRollout = {
  target: PlacedRelease;
  previous: PlacedRelease | null;
  switched: boolean;
  undoing: Undoing | null;
  verifyMs: number;
  tally: TrafficTally | null;
};

export type DeploymentRow = {
  id: string;
  projectId: string;
  environmentId: string;
  releaseId: string;
  jobId: string | null;
  strategy: Strategy;
  kind: DeploymentKind;
  state: DeploymentState;
  reason: string | null;
  message: string | null;
  configuration: Configuration;
  /** Who asked for it; null: nobody known. */
  createdBy: string | null;
  /** null: no agent has begun it. */
  rollout: StoredRollout | null;
};

export function rolloutOf(deployment: DeploymentRow): Rollout | null {
  return deployment.rollout && { ...deployment.rollout, strategy: deployment.strategy, state: deployment.state };
}

/** How a release runs with a configuration. Equal input gives an equal answer: that is how a warm release is known again. */
export function renderRelease(release: ReleaseRow, environment: EnvironmentRow, { variables, secrets }: Configuration): PlacedRelease {
  const version = shorten(release.commitSha, 7);
  return {
    releaseId: release.id,
    ofRelease: release.id,
    version,
    weight: 0,
    instances: release.app.instances,
    artifact: { digest: release.artifactDigest, size: release.artifactSize },
    start: release.app.start,
    env: {
      ...release.app.env,
      ...variables,
      RELEASE: version,
      SLIPWAY_PROJECT: environment.project,
      SLIPWAY_ENVIRONMENT: environment.name,
      SLIPWAY_RELEASE: String(release.number),
      SLIPWAY_COMMIT: release.commitSha,
    },
    secrets,
    health: release.app.health,
    drainMs: release.app.drainMs,
  };
}

/** The environment's own variables without those that Slipway sets, as people gave them. */
export const givenVariables = (env: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !isOwnVariable(name)));

/** What of the environment is this very release with this very configuration; undefined: nothing. */
export function alreadyPlaced(release: PlacedRelease, desired: readonly PlacedRelease[]): PlacedRelease | undefined {
  const identity = (placed: PlacedRelease) => ({ ...placed, releaseId: '', weight: 0 });
  return desired.find((placed) => isDeepStrictEqual(identity(placed), identity(release)));
}

/** Gives it the id under which the agent is to know it, see {@link PlacedRelease}. */
export function placeBeside(release: PlacedRelease, environment: Pick<EnvironmentRow, 'desired' | 'observed'>): PlacedRelease {
  const same = alreadyPlaced(release, environment.desired);
  if (same) return { ...release, releaseId: same.releaseId };
  const running = environment.observed?.instances.filter((instance) => instance.state !== 'stopped') ?? [];
  const taken = [...environment.desired, ...running].some((other) => other.releaseId === release.releaseId);
  return taken ? { ...release, releaseId: newId() } : release;
}
