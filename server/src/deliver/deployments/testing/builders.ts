import type { Observed, ObservedInstance } from '@slipway/protocol';
import type { AppSpec } from '../../../build/pipelines/pipeline.js';
import { newId } from '../../../platform/ids.js';
import type { PlacedRelease } from '../../environments/environment.js';
import type { Rollout } from '../rollout.js';

export const aHealthCheck = { path: '/', intervalMs: 100, timeoutMs: 100, startupMs: 1_000, healthyAfter: 1, unhealthyAfter: 1 };

export const anApp = (over: Partial<AppSpec> = {}): AppSpec => ({
  artifact: 'site',
  start: 'exec node server.js',
  env: {},
  secrets: [],
  health: aHealthCheck,
  minimumHealthyMs: 0,
  drainMs: 1_000,
  instances: 1,
  ...over,
});

export function aPlacedRelease(version: string, over: Partial<PlacedRelease> = {}): PlacedRelease {
  const releaseId = newId();
  return {
    releaseId,
    ofRelease: releaseId,
    version,
    weight: 0,
    instances: 1,
    artifact: { digest: 'd'.repeat(64), size: 1 },
    start: 'true',
    env: {},
    secrets: [],
    health: aHealthCheck,
    drainMs: 1_000,
    ...over,
  };
}

export const aRollout = (over: Partial<Rollout> = {}): Rollout => ({
  strategy: 'blue-green',
  state: 'provisioning',
  target: aPlacedRelease('new'),
  previous: aPlacedRelease('old'),
  switched: false,
  undoing: null,
  verifyMs: 1_000,
  ...over,
});

export const anInstance = (
  releaseId: string,
  state: ObservedInstance['state'] = 'healthy',
  message: string | null = null,
): ObservedInstance => ({
  instanceId: newId(),
  releaseId,
  state,
  port: 25_000,
  pid: 1,
  startedAt: new Date(0).toISOString(),
  restarts: 0,
  recentRestarts: 0,
  exitCode: null,
  message,
  limits: null,
});

export const anObservation = (over: Partial<Observed> = {}): Observed => ({
  environmentId: newId(),
  generation: 1,
  phase: 'converged',
  instances: [],
  routed: [],
  traffic: [],
  limits: 'not_enforced',
  sandbox: 'sandboxed',
  error: null,
  failures: [],
  ...over,
});
