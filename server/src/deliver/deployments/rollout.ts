import { AGENT_TROUBLE, type Observed, ROUTER_UNREACHABLE, sentences } from '@slipway/protocol';
import type { Strategy } from '../../build/pipelines/pipeline.js';
import { failuresIn, type PlacedRelease } from '../environments/environment.js';
import type { DeploymentMove, DeploymentState } from './deployment-state.js';

/** Why a deployment is undone. `abort`: somebody asked for it; `ill`: it failed. */
export type Undoing = { cause: 'ill' | 'abort'; reason: string; message: string };

/** Everything that the next step of a deployment depends on, besides the observation. */
export type Rollout = {
  strategy: Strategy;
  state: DeploymentState;
  target: PlacedRelease;
  /** What had the traffic before; null: nothing. */
  previous: PlacedRelease | null;
  /** Whether traffic was seen to reach the target. */
  switched: boolean;
  undoing: Undoing | null;
  /** How long the target must stay healthy with traffic, milliseconds. */
  verifyMs: number;
};

export type RolloutStep = {
  /** null: the state stays. */
  move: DeploymentMove | null;
  /** The next generation; null: the present one stays. */
  desired: PlacedRelease[] | null;
  /** Time that the state after the step may take; null: no limit. */
  deadlineMs: number | null;
  /** A sentence for the log of the deploy job and the history. */
  message: string;
  /** What is new in it, where the history has the rest already. */
  news?: string;
  reason?: string;
  /** Which release has the traffic from now on; left out: no change. */
  serves?: 'target' | 'previous';
  undoing?: Undoing;
};

/** For the artifact to arrive and be unpacked, on top of the time that the release itself may take to start. */
const FETCH_MS = 5 * 60_000;
/** For routes to change and processes to end, on top of draining. */
const SWITCH_MS = 60_000;
/** An observation older than this says nothing about now: agents report at least every 10 s. */
const FRESH_MS = 15_000;
const LOOK_AGAIN_MS = 5_000;
const PASSING = [ROUTER_UNREACHABLE, AGENT_TROUBLE];

const serving = (release: PlacedRelease): PlacedRelease => ({ ...release, weight: 100 });
const idle = (release: PlacedRelease): PlacedRelease => ({ ...release, weight: 0 });
const startMs = (release: PlacedRelease) => FETCH_MS + release.health.startupMs;
const isSame = ({ target, previous }: Rollout) => target.releaseId === previous?.releaseId;

/**
 * The first step, once an agent has taken the deployment.
 * @param warm the target runs already, healthy and without traffic
 */
export function beginRollout(rollout: Rollout, warm: boolean): RolloutStep {
  const { strategy, target, previous } = rollout;
  if (isSame(rollout))
    return toSwitch([serving(target)], target, `${target.version} already runs here with the same configuration; checking its health.`);
  if (warm && previous)
    return toSwitch([serving(target), idle(previous)], target, `${target.version} is warm: switching traffic from ${previous.version}.`);
  return STRATEGIES[strategy].begin(target, previous);
}

/** What differs between strategies; the rest of a rollout is the same for all. */
type StrategyRules = {
  /** The first step with a target that does not run yet. */
  begin(target: PlacedRelease, previous: PlacedRelease | null): RolloutStep;
  /** The step that gives the target traffic, once the observation matches what `begin` asked for; null: not yet. */
  bringIn(target: PlacedRelease, previous: PlacedRelease | null, observed: Observed): RolloutStep | null;
  /** How long the previous release may take to serve again, milliseconds. */
  returnMs(previous: PlacedRelease): number;
};

const BLUE_GREEN: StrategyRules = {
  begin: (target, previous) => ({
    move: null,
    desired: [...(previous ? [serving(previous)] : []), idle(target)],
    deadlineMs: startMs(target),
    message: `Starting ${target.version}${previous ? ` beside ${previous.version}, which keeps serving` : ''}.`,
  }),
  bringIn: (target, previous, observed) =>
    isHealthy(target, observed)
      ? toSwitch([serving(target), ...(previous ? [idle(previous)] : [])], target, `${target.version} is healthy; switching traffic to it.`)
      : null,
  returnMs: () => 0,
};

const RECREATE: StrategyRules = {
  begin: (target, previous) =>
    previous
      ? {
          move: null,
          desired: [],
          deadlineMs: SWITCH_MS + previous.drainMs,
          message: `Stopping ${previous.version}, because the strategy is recreate.`,
        }
      : toSwitch([serving(target)], target, `Starting ${target.version}.`),
  bringIn: (target, previous, observed) => {
    if (!previous) return BLUE_GREEN.bringIn(target, previous, observed);
    const stopped = observed.phase === 'converged' && observed.routed.every((route) => route.weight === 0);
    return stopped ? toSwitch([serving(target)], target, `${previous.version} is stopped; starting ${target.version}.`) : null;
  },
  returnMs: startMs,
};

const STRATEGIES: Record<Strategy, StrategyRules> = { 'blue-green': BLUE_GREEN, recreate: RECREATE };

const toSwitch = (desired: PlacedRelease[], target: PlacedRelease, message: string): RolloutStep => ({
  move: 'switch',
  desired,
  deadlineMs: startMs(target) + SWITCH_MS,
  message,
});

/** What follows from an observation of the newest generation; null: nothing yet. */
export function stepOnObserved(rollout: Rollout, observed: Observed): RolloutStep | null {
  const { state, strategy, target, previous } = rollout;
  if (state === 'rolling_back') return stepBack(rollout, observed);
  if (state !== 'provisioning' && state !== 'rolling_out' && state !== 'verifying') return null;
  const failure = failureOf(target, observed);
  if (failure) return undo(rollout, failure);
  if (state === 'provisioning') return STRATEGIES[strategy].bringIn(target, previous, observed);
  if (state === 'rolling_out') return isServing(target, observed) ? verify(rollout) : null;
  if (!isHealthy(target, observed)) return undo(rollout, unhealthy(target, observed));
  return rollout.verifyMs === 0 ? pass(target) : null;
}

const verify = ({ target, verifyMs }: Rollout): RolloutStep => ({
  move: 'verify',
  desired: null,
  deadlineMs: verifyMs,
  serves: 'target',
  message: verifyMs > 0 ? `${target.version} serves; it must stay healthy for ${verifyMs / 1000} s.` : `${target.version} serves.`,
});

const pass = (target: PlacedRelease): RolloutStep => ({
  move: 'pass',
  desired: null,
  deadlineMs: null,
  message: `${target.version} went live and was healthy.`,
});

function undo(rollout: Rollout, undoing: Undoing): RolloutStep {
  const { previous } = rollout;
  const returnMs = previous ? STRATEGIES[rollout.strategy].returnMs(previous) : 0;
  return {
    move: 'undo',
    desired: previous ? [serving(previous)] : [],
    deadlineMs: SWITCH_MS + rollout.target.drainMs + returnMs,
    reason: undoing.reason,
    message: sentences(
      undoing.message,
      previous ? `Going back to ${previous.version}.` : 'There is nothing to go back to, so it is removed.',
    ),
    undoing,
  };
}

function stepBack(rollout: Rollout, observed: Observed): RolloutStep | null {
  const { previous, target } = rollout;
  const restored = previous ? isServing(previous, observed) : !isRouted(target, observed) && observed.phase === 'converged';
  if (restored) return end(rollout);
  const failure = failureOf(previous, observed);
  return failure && giveUp('rollback_failed', sentences(`The release that ran before could not be brought back: ${failure.message}`));
}

function end(rollout: Rollout): RolloutStep {
  const { previous, switched } = rollout;
  const undoing = rollout.undoing ?? { cause: 'ill', reason: 'unhealthy', message: 'It was unhealthy.' };
  const move = undoing.cause === 'abort' && (!switched || !previous) ? 'withdraw' : previous ? 'restore' : 'fail';
  const then = previous ? `Traffic went back to ${previous.version}.` : 'Nothing ran here before, so it was removed.';
  const message = sentences(undoing.message, then);
  return { move, desired: null, deadlineMs: null, serves: 'previous', reason: undoing.reason, message, news: then };
}

const giveUp = (reason: string, message: string): RolloutStep => ({
  move: 'fail',
  desired: null,
  deadlineMs: null,
  serves: 'previous',
  reason,
  message,
});

type Seen = { observed: Observed; ageMs: number };

/** The state's time is up. `last`: the newest observation of the newest generation, with its age; null: none. */
export function stepOnDeadline(rollout: Rollout, last: Seen | null): RolloutStep | null {
  const { state, target } = rollout;
  if (state === 'provisioning' || state === 'rolling_out') {
    return undo(rollout, { cause: 'ill', reason: 'deadline', message: notReady(target, last) });
  }
  if (state === 'rolling_back') {
    return giveUp(
      'rollback_unconfirmed',
      'The agent has not confirmed in time that the previous release serves again. It gets the order as soon as it connects.',
    );
  }
  if (state !== 'verifying') return null;
  if (!last || last.ageMs > FRESH_MS) {
    return {
      move: null,
      desired: null,
      deadlineMs: LOOK_AGAIN_MS,
      message: 'The agent is not connected; waiting for it to report health.',
    };
  }
  return isHealthy(target, last.observed) ? pass(target) : undo(rollout, unhealthy(target, last.observed));
}

/** Somebody wants it stopped, or its time is up; null: it is already being undone. */
export function stepOnAbort(rollout: Rollout, undoing: Undoing): RolloutStep | null {
  return rollout.state === 'rolling_back' ? null : undo(rollout, undoing);
}

/** Whether a placed release runs as it should, traffic or not. */
export function isHealthy(release: PlacedRelease, observed: Observed): boolean {
  const healthy = observed.instances.filter((instance) => instance.releaseId === release.releaseId && instance.state === 'healthy');
  return healthy.length >= Math.max(1, release.instances);
}

const isRouted = (release: PlacedRelease, observed: Observed) =>
  observed.routed.some((route) => route.releaseId === release.releaseId && route.weight > 0);

/** It has all of the traffic. */
function isServing(release: PlacedRelease, observed: Observed): boolean {
  const live = observed.routed.filter((route) => route.weight > 0);
  return live.length === 1 && live[0]?.releaseId === release.releaseId && isHealthy(release, observed);
}

/** What keeps a release from serving: a failure of its own, or of the whole environment. Failures of other releases do not count. */
function failureOf(release: PlacedRelease | null, observed: Observed): Undoing | null {
  if (observed.phase !== 'failed') return null;
  const failures = failuresIn(observed);
  if (failures.length === 0) return { cause: 'ill', reason: 'failed', message: 'The agent gave no reason why it failed.' };
  const own = failures.find(({ releaseId, code }) => releaseId === release?.releaseId || (releaseId === null && !PASSING.includes(code)));
  return own ? { cause: 'ill', reason: own.code, message: own.message } : null;
}

/** Whatever is known of why a release took longer than it may. */
function notReady({ version, releaseId }: PlacedRelease, last: Seen | null): string {
  if (!last || last.ageMs > FRESH_MS) return `${version} was not ready in time; its agent has reported nothing of it lately.`;
  const why = [
    ...last.observed.instances.filter((instance) => instance.releaseId === releaseId && instance.state !== 'healthy'),
    ...failuresIn(last.observed),
  ].find(({ message }) => message !== null)?.message;
  return sentences(`${version} was not ready in time${why ? `: ${why}` : ''}`);
}

function unhealthy(target: PlacedRelease, observed: Observed): Undoing {
  const ill = observed.instances.find((instance) => instance.releaseId === target.releaseId && instance.state !== 'healthy');
  const why = ill?.message ? `: ${ill.message}` : '';
  return { cause: 'ill', reason: 'unhealthy', message: sentences(`${target.version} became unhealthy after the switch${why}`) };
}
