import type { DeployFailure, Observed } from '@slipway/protocol';
import { describe, expect, it } from 'vitest';
import type { PlacedRelease } from '../environments/environment.js';
import { beginRollout, type Rollout, type RolloutStep, stepOnAbort, stepOnDeadline, stepOnObserved, type Undoing } from './rollout.js';
import { anInstance, anObservation, aPlacedRelease, aRollout } from './testing/builders.js';

const target = aPlacedRelease('new');
const previous = aPlacedRelease('old');
const aWay = (over: Partial<Rollout> = {}) => aRollout({ target, previous, ...over });

/** What the agent sees when these run healthy and the first of them has the traffic. */
const running = (...releases: PlacedRelease[]): Partial<Observed> => ({
  instances: releases.map((release) => anInstance(release.releaseId)),
  routed: releases.map((release, index) => ({ releaseId: release.releaseId, weight: index === 0 ? 100 : 0 })),
});
const seen = (over: Partial<Observed>) => anObservation(over);
const weights = (step: RolloutStep | null) => step?.desired?.map((placed) => [placed.version, placed.weight]) ?? null;
const failed = (releaseId: string | null) =>
  seen({ ...running(previous), phase: 'failed', error: { code: 'unhealthy', message: 'It answered 500.', releaseId } });

const ILL: Undoing = { cause: 'ill', reason: 'unhealthy', message: 'It is ill.' };
const ABORT: Undoing = { cause: 'abort', reason: 'cancelled', message: 'Cancelled by Ada.' };

describe('a blue-green rollout', () => {
  it('starts the new release beside the old one, which keeps all of the traffic', () => {
    const step = beginRollout(aWay(), false);
    expect(step.move).toBeNull();
    expect(weights(step)).toEqual([
      ['old', 100],
      ['new', 0],
    ]);
    expect(weights(beginRollout(aWay({ previous: null }), false))).toEqual([['new', 0]]);
  });

  it('switches when all instances are healthy and not before', () => {
    const two = { ...target, instances: 2 };
    const way = aWay({ target: two });
    expect(stepOnObserved(way, seen(running(previous, two)))).toBeNull();
    const step = stepOnObserved(way, seen(running(previous, two, two)));
    expect(step?.move).toBe('switch');
    expect(weights(step)).toEqual([
      ['new', 100],
      ['old', 0],
    ]);
  });

  it('verifies once the routes say that the new release has all of the traffic', () => {
    const way = aWay({ state: 'rolling_out' });
    expect(stepOnObserved(way, seen(running(previous, target)))).toBeNull();
    const split = {
      ...running(target, previous),
      routed: [
        { releaseId: target.releaseId, weight: 50 },
        { releaseId: previous.releaseId, weight: 50 },
      ],
    };
    expect(stepOnObserved(way, seen(split))).toBeNull();
    expect(stepOnObserved(way, seen(running(target, previous)))).toMatchObject({
      move: 'verify',
      serves: 'target',
      deadlineMs: 1_000,
      desired: null,
    });
  });

  it('passes when the time is up and a fresh look says healthy, and waits for one that is', () => {
    const way = aWay({ state: 'verifying', switched: true });
    const observed = seen(running(target, previous));
    expect(stepOnObserved(way, observed)).toBeNull();
    expect(stepOnDeadline(way, { observed, ageMs: 100 })?.move).toBe('pass');
    expect(stepOnDeadline(way, { observed, ageMs: 60_000 })).toMatchObject({ move: null, deadlineMs: 5_000 });
    expect(stepOnDeadline(way, null)?.move).toBeNull();
  });

  it('to a warm release switches at once, and needs no time to prove itself', () => {
    const step = beginRollout(aWay({ verifyMs: 0 }), true);
    expect(step.move).toBe('switch');
    expect(weights(step)).toEqual([
      ['new', 100],
      ['old', 0],
    ]);
    expect(stepOnObserved(aWay({ state: 'verifying', verifyMs: 0 }), seen(running(target, previous)))?.move).toBe('pass');
  });

  it('of what serves already only looks at its health', () => {
    const step = beginRollout(aWay({ previous: target }), false);
    expect(step.move).toBe('switch');
    expect(weights(step)).toEqual([['new', 100]]);
  });
});

describe('a recreate rollout', () => {
  const recreate = (over: Partial<Rollout> = {}) => aWay({ strategy: 'recreate', ...over });

  it('stops the old release, then starts the new one with all of the traffic', () => {
    expect(weights(beginRollout(recreate(), false))).toEqual([]);
    expect(stepOnObserved(recreate(), seen({ ...running(previous), phase: 'converging' }))).toBeNull();
    const step = stepOnObserved(recreate(), seen({}));
    expect(step?.move).toBe('switch');
    expect(weights(step)).toEqual([['new', 100]]);
  });

  it('has nothing to stop the first time', () => {
    const step = beginRollout(recreate({ previous: null }), false);
    expect(step.move).toBe('switch');
    expect(weights(step)).toEqual([['new', 100]]);
  });

  it('gives the old release time to start again when it goes back', () => {
    const step = stepOnObserved(recreate({ state: 'rolling_out' }), failed(target.releaseId));
    expect(weights(step)).toEqual([['old', 100]]);
    expect(step?.deadlineMs).toBeGreaterThan(stepOnObserved(aWay({ state: 'rolling_out' }), failed(target.releaseId))?.deadlineMs ?? 0);
  });
});

describe('a rollout that goes wrong', () => {
  it('is undone from every state when the agent says that the new release failed, and not for the failure of another', () => {
    for (const state of ['provisioning', 'rolling_out', 'verifying'] as const) {
      const step = stepOnObserved(aWay({ state }), failed(target.releaseId));
      expect(step).toMatchObject({ move: 'undo', reason: 'unhealthy', undoing: { cause: 'ill' } });
      expect(weights(step)).toEqual([['old', 100]]);
    }
    expect(stepOnObserved(aWay(), failed(null))?.move).toBe('undo');
    expect(stepOnObserved(aWay(), failed(previous.releaseId))).toBeNull();
  });

  it('goes on beside a release before it that can not be started any more, and is undone for its own failure all the same', () => {
    const [ofPrevious, ofTarget] = [previous, target].map(({ releaseId, version }) => ({
      code: 'release_unhealthy',
      message: `${version} ended.`,
      releaseId,
    })) as [DeployFailure, DeployFailure];
    const beside = { phase: 'failed' as const, error: ofPrevious, failures: [ofPrevious] };
    expect(stepOnObserved(aWay(), seen({ ...running(previous, target), ...beside }))?.move).toBe('switch');
    expect(stepOnObserved(aWay({ state: 'rolling_out' }), seen({ ...running(target, previous), ...beside }))?.move).toBe('verify');
    const both = seen({ ...running(previous), ...beside, failures: [ofPrevious, ofTarget] });
    expect(stepOnObserved(aWay(), both)).toMatchObject({ move: 'undo', undoing: { message: 'new ended.' } });
    const routerGone = { code: 'router_unreachable', message: 'The router is gone.', releaseId: null };
    expect(
      stepOnObserved(aWay(), seen({ ...running(previous), ...beside, error: routerGone, failures: [routerGone, ofPrevious] })),
    ).toBeNull();
  });

  it('is undone when the new release becomes unhealthy while it is verified', () => {
    const observed = seen({ ...running(target), instances: [anInstance(target.releaseId, 'unhealthy', 'answered 500')] });
    const step = stepOnObserved(aWay({ state: 'verifying' }), observed);
    expect(step?.move).toBe('undo');
    expect(step?.message).toContain('answered 500');
    expect(stepOnDeadline(aWay({ state: 'verifying' }), { observed, ageMs: 0 })?.move).toBe('undo');
  });

  it('is undone when it takes too long', () => {
    for (const state of ['provisioning', 'rolling_out'] as const)
      expect(stepOnDeadline(aWay({ state }), null)).toMatchObject({ move: 'undo', reason: 'deadline' });
    const instances = [anInstance(previous.releaseId), anInstance(target.releaseId, 'starting', 'GET / answered 503')];
    const late = (observed: Observed, ageMs = 0) => stepOnDeadline(aWay(), { observed, ageMs })?.undoing?.message;
    expect(late(seen({ instances }))).toBe('new was not ready in time: GET / answered 503.');
    expect(late(failed(previous.releaseId))).toBe('new was not ready in time: It answered 500.');
    expect(late(seen({}))).toBe('new was not ready in time.');
    expect(late(seen({}), 60_000)).toContain('its agent has reported nothing of it lately');
  });

  it('is removed when there is nothing to go back to, and then has failed', () => {
    const way = aWay({ previous: null });
    expect(weights(stepOnObserved(way, failed(target.releaseId)))).toEqual([]);
    const back = aWay({ previous: null, state: 'rolling_back', undoing: ILL });
    expect(stepOnObserved(back, seen(running(target)))).toBeNull();
    expect(stepOnObserved(back, seen({}))).toMatchObject({ move: 'fail', reason: 'unhealthy', serves: 'previous' });
  });

  it('is rolled back once the release before has the traffic', () => {
    const way = aWay({ state: 'rolling_back', undoing: ILL, switched: true });
    expect(stepOnObserved(way, seen(running(target, previous)))).toBeNull();
    expect(stepOnObserved(way, seen(running(previous)))).toMatchObject({ move: 'restore', serves: 'previous', reason: 'unhealthy' });
  });

  it('has failed when the release before can not be brought back or nobody confirms it', () => {
    const way = aWay({ state: 'rolling_back', undoing: ILL });
    const broken = seen({ phase: 'failed', error: { code: 'port_taken', message: 'Port 20000 is taken.', releaseId: null } });
    expect(stepOnObserved(way, broken)).toMatchObject({ move: 'fail', reason: 'rollback_failed' });
    expect(stepOnObserved(way, seen({ phase: 'failed', error: { code: 'x', message: 'x', releaseId: target.releaseId } }))).toBeNull();
    expect(stepOnDeadline(way, null)).toMatchObject({ move: 'fail', reason: 'rollback_unconfirmed' });
  });
});

describe('a rollout that somebody aborts', () => {
  it('is cancelled when no traffic had moved, and rolled back when it had', () => {
    expect(stepOnAbort(aWay(), ABORT)).toMatchObject({ move: 'undo', undoing: ABORT });
    const back = aWay({ state: 'rolling_back', undoing: ABORT });
    expect(stepOnObserved(back, seen(running(previous)))?.move).toBe('withdraw');
    expect(stepOnObserved({ ...back, switched: true }, seen(running(previous)))?.move).toBe('restore');
    expect(stepOnObserved({ ...back, previous: null }, seen({}))?.move).toBe('withdraw');
  });

  it('is not aborted twice', () => {
    expect(stepOnAbort(aWay({ state: 'rolling_back', undoing: ABORT }), ABORT)).toBeNull();
  });
});
