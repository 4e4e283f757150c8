import { RouteOptions } from '@slipway/protocol';
import { expect, it } from 'vitest';
import { worksOnRequests } from './routes-of.js';

it('takes an instance for busy as long as it answers requests, not while it has streams alone', () => {
  const [listed, left] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'];
  const releaseId = listed;
  const present = (inFlight: number, streams: number) => ({
    environmentId: listed,
    generation: 1,
    port: 1,
    drainMs: 0,
    unavailable: 'unhealthy' as const,
    options: RouteOptions.parse({}),
    traffic: [],
    backends: [{ releaseId, instanceId: listed, host: '127.0.0.1', port: 1, weight: 1 }],
    draining: [{ releaseId, instanceId: left, inFlight, streams }],
  });
  expect(worksOnRequests(present(3, 2), left)).toBe(true);
  expect(worksOnRequests(present(2, 2), left)).toBe(false);
  expect(worksOnRequests(present(0, 0), listed)).toBe(true);
});
