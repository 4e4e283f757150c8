import { expect, it } from 'vitest';
import { type FreeAgent, matchJobs } from './match-jobs.js';
import type { Lane } from './queue-order.js';
import { queuePlaces } from './queue-places.js';

/** The same numbers for the same seed (mulberry32). */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function someLanes(pick: (below: number) => number): Lane[] {
  const lanes = Array.from(
    { length: 1 + pick(6) },
    (_, index): Lane => ({
      projectId: `p${pick(3)}`,
      kind: 'build',
      tags: pick(2) ? ['big'] : [],
      pinnedAgentId: null,
      trusted: true,
      lostBy: [],
      jobs: Array.from({ length: 1 + pick(8) }, (_, at) => ({
        id: `${index}-${at}`,
        priority: pick(3),
        queuedAt: new Date(pick(20)),
      })).sort((a, b) => b.priority - a.priority || a.queuedAt.getTime() - b.queuedAt.getTime() || (a.id < b.id ? -1 : 1)),
    }),
  );
  // Jobs that ask for the same are one lane.
  return [...Map.groupBy(lanes, ({ projectId, tags }) => `${projectId} ${tags}`).values()].map(([lane]) => lane as Lane);
}

const ids = (lanes: readonly Lane[]) => lanes.flatMap(({ jobs }) => jobs.map(({ id }) => id));
const without = (lanes: readonly Lane[], started: string) =>
  lanes.map((lane) => ({ ...lane, jobs: lane.jobs.filter(({ id }) => id !== started) })).filter(({ jobs }) => jobs.length > 0);

it('is the order in which jobs start, as one slot after the other comes free', () => {
  for (let seed = 0; seed < 300; seed++) {
    const pick = random(seed);
    let lanes = someLanes(pick);
    const held = new Map([0, 1, 2].map((each) => [`p${each}`, pick(4)]));
    const agent: FreeAgent = { id: 'a', roles: ['build'], tags: ['big'], free: 1, takesUntrusted: true };
    const told = queuePlaces(lanes, [agent], held, new Set(ids(lanes)));
    const started: string[] = [];
    while (lanes.length > 0) {
      const [match] = matchJobs(lanes, [agent], held);
      const lane = lanes.find(({ jobs }) => jobs.some(({ id }) => id === match?.jobId));
      if (!match || !lane) break;
      started.push(match.jobId);
      held.set(lane.projectId, (held.get(lane.projectId) ?? 0) + 1);
      lanes = without(lanes, match.jobId);
    }
    expect([...told].sort(([, a], [, b]) => a - b)).toEqual(started.map((id, index) => [id, index + 1]));
  }
});

it('counts only those that wait for the same agents, and gives no place to what nobody can serve', () => {
  const lane = (tags: string[], ...jobs: string[]): Lane => ({
    projectId: 'p',
    kind: 'build',
    tags,
    pinnedAgentId: null,
    trusted: true,
    lostBy: [],
    jobs: jobs.map((id, at) => ({ id, priority: 0, queuedAt: new Date(at) })),
  });
  const lanes = [lane(['gpu'], 'g1', 'g2'), lane(['mac'], 'm1', 'm2'), lane([], 'any')];
  const agents = [
    { id: 'mac', roles: ['build'], tags: ['mac'], takesUntrusted: true },
    { id: 'linux', roles: ['build'], tags: ['linux'], takesUntrusted: true },
  ];
  const places = queuePlaces(lanes, agents, new Map(), new Set(['g1', 'g2', 'm1', 'm2', 'any']));
  expect(places).toEqual(
    new Map([
      ['any', 1],
      ['m1', 2],
      ['m2', 3],
    ]),
  );
  expect(queuePlaces([lane([], 'linux-only'), lane(['mac'], 'm1')], [agents[0] as (typeof agents)[0]], new Map(), new Set(['m1']))).toEqual(
    new Map([['m1', 2]]),
  );
});
