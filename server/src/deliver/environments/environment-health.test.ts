import type { Observed } from '@slipway/protocol';
import { expect, it } from 'vitest';
import { anInstance, anObservation, aPlacedRelease } from '../deployments/testing/builders.js';
import { HEALTH_STATES, healthOf } from './environment-health.js';

const live = aPlacedRelease('live', { weight: 100 });
const warm = aPlacedRelease('warm');

const health = (observed: Partial<Observed> | null, agentConnected = true) =>
  healthOf({
    desired: [live, warm],
    generation: 1,
    agentName: 'rack-1',
    agentConnected,
    observed: observed && anObservation(observed),
  });
const restarted = (recentRestarts: number, state: 'healthy' | 'unhealthy' = 'healthy') => ({
  instances: [{ ...anInstance(live.releaseId, state, state === 'healthy' ? null : 'It ended by signal 9'), recentRestarts }],
});

it('is unknown while the agent is gone, whatever it said last', () => {
  expect(health(restarted(0), false)).toMatchObject({
    state: 'unknown',
    message: expect.stringContaining('Agent rack-1 is not connected'),
  });
  expect(health(null, false)?.state).toBe('unknown');
});

it('is that of the worst instance with the traffic; what is kept warm does not count', () => {
  expect(health({ instances: [anInstance(live.releaseId), anInstance(warm.releaseId, 'unhealthy')] })).toEqual({
    state: 'healthy',
    message: null,
  });
  expect(health({ instances: [anInstance(live.releaseId), anInstance(live.releaseId, 'unhealthy', 'GET / answered 500')] })).toEqual({
    state: 'unhealthy',
    message: 'GET / answered 500',
  });
});

it('has words for what should serve and does not, also where nobody says why', () => {
  expect(health({ instances: [anInstance(live.releaseId, 'unhealthy')] })).toEqual({
    state: 'unhealthy',
    message: HEALTH_STATES.unhealthy,
  });
  expect(health({ phase: 'converging' })).toEqual({ state: 'starting', message: HEALTH_STATES.starting });
});

it('counts restarts against health: a few are told, several are unstable', () => {
  expect(health(restarted(1))).toEqual({ state: 'healthy', message: 'Restarted once in the last hour' });
  expect(health(restarted(17))).toEqual({ state: 'unstable', message: 'Restarted 17 times in the last hour' });
  expect(health(restarted(17, 'unhealthy'))).toEqual({
    state: 'unhealthy',
    message: 'It ended by signal 9; restarted 17 times in the last hour',
  });
});

it('tells what was never tried from what was tried in vain', () => {
  expect(health(null)?.state).toBe('starting');
  expect(health({ generation: 0 })?.state).toBe('starting');
  expect(health({ phase: 'converging' })?.state).toBe('starting');
  expect(health({ phase: 'failed', error: { code: 'port_in_use', message: 'Port 20000 is taken.', releaseId: null } })).toEqual({
    state: 'unhealthy',
    message: 'Port 20000 is taken.',
  });
});

it('tells what could not be done outside a deployment: without its port nobody reaches it, anything else leaves what serves', () => {
  const instances = [anInstance(live.releaseId)];
  const routed = [{ releaseId: live.releaseId, weight: 100 }];
  const failing = (...failures: Observed['failures']) =>
    health({ instances, phase: 'failed', error: failures[0] ?? null, failures, routed: failures.includes(port) ? [] : routed });
  const port = { code: 'port_in_use', message: 'Port 20000 is taken by another program.', releaseId: null };
  const router = { code: 'router_unreachable', message: 'The router can not be reached.', releaseId: null };
  const limits = { code: 'release_unhealthy', message: 'live did not start. Its last output:\nout of memory', releaseId: live.releaseId };
  expect(failing(port)).toEqual({ state: 'unhealthy', message: port.message });
  expect(failing(router)).toEqual({ state: 'degraded', message: router.message });
  expect(failing(limits)).toEqual({ state: 'degraded', message: 'live did not start.' });
  expect(failing(limits, port)).toEqual({ state: 'unhealthy', message: `live did not start. ${port.message}` });
  expect(failing({ ...limits, releaseId: warm.releaseId })).toEqual({ state: 'healthy', message: 'live did not start.' });
  expect(health({ instances, generation: 0, error: port })?.state).toBe('healthy'); // of what it should be no more
});

it('is not that of an instance which is to replace another one, or was given up', () => {
  const givenUp = { ...anInstance(live.releaseId, 'stopped'), recentRestarts: 9 };
  expect(health({ instances: [anInstance(live.releaseId), givenUp] })).toEqual({ state: 'healthy', message: null });
  expect(health({ instances: [anInstance(live.releaseId), anInstance(live.releaseId, 'starting')] })?.state).toBe('healthy');
});

it('is nothing where nothing should run', () => {
  expect(healthOf({ desired: [warm], generation: 1, agentName: null, agentConnected: false, observed: null })).toBeNull();
});
