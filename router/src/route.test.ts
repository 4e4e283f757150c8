import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Backend } from './backend.js';
import { RouterMetrics } from './metrics.js';
import { ReleaseTraffic } from './release-traffic.js';
import { Route } from './route.js';

const metrics = new RouterMetrics();
const aBackend = (releaseId: string) =>
  new Backend({ releaseId, instanceId: randomUUID(), host: '127.0.0.1', port: 1 }, new ReleaseTraffic('environment', releaseId, metrics));
const anExchange = () => ({ goAway() {}, cut() {} });

describe('Route', () => {
  it('gives releases their share exactly, also over few requests, and spread out', () => {
    const [stable, canary] = [aBackend('stable'), aBackend('canary')];
    const route = new Route([
      { backend: stable, weight: 90 },
      { backend: canary, weight: 10 },
    ]);
    const chosen = Array.from({ length: 20 }, () => route.choose()?.target.releaseId);
    expect(chosen.slice(0, 10).filter((releaseId) => releaseId === 'canary')).toHaveLength(1);
    expect(chosen.slice(10).filter((releaseId) => releaseId === 'canary')).toHaveLength(1);
  });

  it('takes the least busy instance of the release', () => {
    const [one, two] = [aBackend('r'), aBackend('r')];
    one.begin(anExchange());
    const route = new Route([
      { backend: one, weight: 100 },
      { backend: two, weight: 100 },
    ]);
    expect(route.choose()).toBe(two);
    two.begin(anExchange());
    two.begin(anExchange());
    expect(route.choose()).toBe(one);
  });

  it('leaves out who refused, and answers null when nobody is left', () => {
    const [one, two] = [aBackend('a'), aBackend('b')];
    const route = new Route([
      { backend: one, weight: 99 },
      { backend: two, weight: 1 },
    ]);
    expect(route.choose(new Set([one]))).toBe(two);
    expect(route.choose(new Set([one, two]))).toBeNull();
    expect(new Route([]).choose()).toBeNull();
  });
});
