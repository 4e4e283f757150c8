import type { Observed } from '@slipway/protocol';
import type { Tx } from '../../platform/database.js';
import { jsonb } from '../../platform/storable.js';
import type { EnvironmentRow } from '../environments/environment.js';
import { setDesired, tellAgent } from '../environments/environment-rows.js';
import type { ReleaseRow } from '../releases/release.js';
import { alreadyPlaced, type DeploymentRow, placeBeside, renderRelease, rolloutOf, type StoredRollout } from './deployment.js';
import { moveDeployment } from './deployment-rows.js';
import { isDeploymentOver } from './deployment-state.js';
import { beginRollout, isHealthy, type RolloutStep, stepOnAbort, stepOnDeadline, stepOnObserved, type Undoing } from './rollout.js';
import { countTraffic, receiptOf } from './traffic-tally.js';

export type AdvanceDeps = {
  /** How long the release before is kept warm after a success, milliseconds. */
  warmMs: number;
  /** Has the timer look again, after the commit: a deadline was set, or an environment is free. */
  wake(): void;
};

/** An environment and the deployment that holds it. Every function here has the environment locked by its caller. */
export type Held = { environment: EnvironmentRow; deployment: DeploymentRow };

/** An agent has started the deployment: from here on there is something to roll back. */
export async function beginDeployment(tx: Tx, deps: AdvanceDeps, { environment, deployment }: Held, release: ReleaseRow): Promise<Held> {
  const target = placeBeside(renderRelease(release, environment, deployment.configuration), environment);
  const previous = environment.desired.find((placed) => placed.weight > 0) ?? null;
  const warm = isWarm(target, environment);
  const verifyMs = warm && deployment.kind === 'rollback' ? 0 : release.app.minimumHealthyMs;
  const rollout: StoredRollout = { target, previous, switched: false, undoing: null, verifyMs, tally: null };
  const begun = { environment, deployment: { ...deployment, rollout } };
  await tx.query('update deployments set previous_release_id = $2 where id = $1', [deployment.id, previous?.ofRelease ?? null]);
  await tx.query('update environments set warm_release_id = null, warm_until = null where id = $1', [environment.id]);
  return apply(tx, deps, begun, beginRollout({ ...rollout, strategy: deployment.strategy, state: deployment.state }, warm));
}

/** Whether a release with its configuration runs there, healthy, waiting for traffic. */
export function isWarm(
  release: Parameters<typeof alreadyPlaced>[0],
  { desired, observed }: Pick<EnvironmentRow, 'desired' | 'observed'>,
): boolean {
  const placed = alreadyPlaced(release, desired);
  return placed !== undefined && observed !== null && isHealthy(placed, observed);
}

/** An observation may settle several steps; one of an older generation settles none. */
export async function observeDeployment(tx: Tx, deps: AdvanceDeps, held: Held, observed: Observed): Promise<Held> {
  let now = withTraffic(held, observed);
  while (observed.generation === now.environment.generation && !isDeploymentOver(now.deployment.state)) {
    const rollout = rolloutOf(now.deployment);
    const step = rollout && stepOnObserved(rollout, observed);
    if (!step) break;
    now = await apply(tx, deps, now, step);
  }
  if (now.deployment.state === held.deployment.state) await keepTally(tx, now.deployment);
  return now;
}

function withTraffic({ environment, deployment }: Held, observed: Observed): Held {
  const { rollout } = deployment;
  if (!rollout) return { environment, deployment };
  return { environment, deployment: { ...deployment, rollout: { ...rollout, tally: countTraffic(rollout.tally, observed.traffic) } } };
}

async function keepTally(tx: Tx, { id, rollout }: DeploymentRow): Promise<void> {
  if (rollout) await tx.query('update deployments set rollout = $2 where id = $1', [id, jsonb(rollout)]);
}

/** Requests that ended after the deployment did still belong to it, as long as its job is being ended. */
export async function completeReceipt(tx: Tx, deployment: DeploymentRow, observed: Observed): Promise<void> {
  if (!deployment.rollout?.tally) return;
  const tally = countTraffic(deployment.rollout.tally, observed.traffic);
  await tx.query('update deployments set rollout = $2, receipt = $3 where id = $1', [
    deployment.id,
    jsonb({ ...deployment.rollout, tally }),
    jsonb(receiptOf(tally)),
  ]);
  tx.changed('deployment', deployment.id);
}

export async function deploymentOverdue(tx: Tx, deps: AdvanceDeps, held: Held): Promise<Held> {
  const { observed, observedAgeMs, generation } = held.environment;
  const last = observed && observed.generation === generation ? { observed, ageMs: observedAgeMs ?? Number.POSITIVE_INFINITY } : null;
  const rollout = rolloutOf(held.deployment);
  const step = rollout && stepOnDeadline(rollout, last);
  return step ? apply(tx, deps, held, step) : held;
}

/** Undoes what an agent has begun. */
export async function abortDeployment(tx: Tx, deps: AdvanceDeps, held: Held, undoing: Undoing): Promise<Held> {
  const rollout = rolloutOf(held.deployment);
  const step = rollout && stepOnAbort(rollout, undoing);
  return step ? apply(tx, deps, held, step) : held;
}

async function apply(tx: Tx, deps: AdvanceDeps, { environment, deployment }: Held, step: RolloutStep): Promise<Held> {
  const { rollout } = deployment;
  if (!rollout) throw new Error(`Deployment ${deployment.id} can't go on before it began.`);
  tx.afterCommit(deps.wake);
  if (isOnlyLonger(deployment, step)) return extend(tx, { environment, deployment }, step);
  const next = step.desired ? await setDesired(tx, environment, step.desired) : environment;
  if (step.serves) await noteServing(tx, environment.id, rollout, step.serves);
  const moved = await moveDeployment(tx, deployment, step.move, {
    reason: step.reason ?? null,
    message: step.message,
    news: step.news,
    deadlineMs: step.deadlineMs,
    rollout: { ...rollout, switched: rollout.switched || step.serves === 'target', undoing: step.undoing ?? rollout.undoing },
    generation: next.generation,
  });
  if (isDeploymentOver(moved.state)) await settle(tx, deps, { environment: next, deployment: moved });
  return { environment: next, deployment: moved };
}

/** Waiting longer for the same reason is not an event. */
const isOnlyLonger = (deployment: DeploymentRow, step: RolloutStep) => !step.move && !step.desired && step.message === deployment.message;

async function extend(tx: Tx, held: Held, { deadlineMs }: RolloutStep): Promise<Held> {
  await tx.query('update deployments set deadline = clock_timestamp() + make_interval(secs => $2::float8 / 1000) where id = $1', [
    held.deployment.id,
    deadlineMs,
  ]);
  return held;
}

async function noteServing(
  tx: Tx,
  environmentId: string,
  { target, previous, switched }: StoredRollout,
  serves: 'target' | 'previous',
): Promise<void> {
  const release = serves === 'target' ? target : previous;
  const same = serves === 'previous' && !switched && previous !== null;
  await tx.query(
    `update environments set current_release_id = $2, current_since = case when $3 then current_since else clock_timestamp() end where id = $1`,
    [environmentId, release?.ofRelease ?? null, same],
  );
}

/** The agent is told, so that the deploy job's attempt hears of the verdict now and not with its next observation. */
async function settle(tx: Tx, deps: AdvanceDeps, { environment, deployment }: Held): Promise<void> {
  const warm = environment.desired.find((placed) => placed.weight === 0);
  if (deployment.state === 'succeeded' && warm) {
    await tx.query(
      `update environments set warm_release_id = $2, warm_until = clock_timestamp() + make_interval(secs => $3::float8 / 1000) where id = $1`,
      [environment.id, warm.ofRelease, deps.warmMs],
    );
  }
  tellAgent(tx, environment);
}

/** The release before has been kept warm long enough. A deployment that holds the environment has its own plans for it. */
export async function dropWarmRelease(tx: Tx, environment: EnvironmentRow): Promise<void> {
  await tx.query('update environments set warm_release_id = null, warm_until = null where id = $1', [environment.id]);
  const kept = environment.desired.filter((placed) => placed.weight > 0);
  if (kept.length < environment.desired.length) await setDesired(tx, environment, kept);
}
