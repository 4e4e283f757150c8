import { describe, expect, it } from 'vitest';
import type { JobState } from '../../generated/graphql.ts';
import { jobToShow } from './choose-job.ts';
import { readableZoom, scrollTo, wholeZoom } from './graph-zoom.ts';
import { layOut, pathOf } from './job-graph-layout.ts';
import { graphHeight, NODE } from './job-graph-size.ts';
import { groupJobs, speaker } from './job-groups.ts';

const job = (name: string, state: JobState, position: number, startedAt: string | null = 'then') => ({ name, state, position, startedAt });

describe('jobToShow', () => {
  it('is the first failure, then what is under way, then the last that ran, then the first', () => {
    expect(jobToShow([job('a', 'SUCCEEDED', 0), job('c', 'FAILED', 2), job('b', 'TIMED_OUT', 1)])?.name).toBe('b');
    expect(jobToShow([job('a', 'SUCCEEDED', 0), job('b', 'RUNNING', 1)])?.name).toBe('b');
    expect(jobToShow([job('a', 'SUCCEEDED', 0), job('b', 'SUCCEEDED', 1), job('c', 'SKIPPED', 2, null)])?.name).toBe('b');
    expect(jobToShow([job('a', 'WAITING', 0, null), job('b', 'WAITING', 1, null)])?.name).toBe('a');
    expect(jobToShow([])).toBeNull();
  });
});

/** Graphs without circles, the same for the same seed. */
function randomGraph(seed: number): { id: string; needs: string[] }[] {
  let state = seed;
  const random = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
  return Array.from({ length: 3 + Math.floor(random() * 30) }, (_, at) => ({
    id: `job ${at}`,
    needs: Array.from({ length: at }, (_, before) => `job ${before}`).filter(() => random() < 0.12),
  }));
}

const SAMPLES = 40;

/** Points along the path as it is drawn, curves too. */
function drawn(way: { x: number; y: number }[]): { x: number; y: number }[] {
  return way.slice(1).flatMap((to, at) => {
    const from = way[at] ?? to;
    return Array.from({ length: SAMPLES + 1 }, (_, step) => {
      const t = step / SAMPLES;
      const middle = (from.x + to.x) / 2;
      const b = (p0: number, p1: number, p2: number, p3: number) =>
        (1 - t) ** 3 * p0 + 3 * (1 - t) ** 2 * t * p1 + 3 * (1 - t) * t ** 2 * p2 + t ** 3 * p3;
      return { x: b(from.x, middle, middle, to.x), y: b(from.y, from.y, to.y, to.y) };
    });
  });
}

describe('layOut', () => {
  it('draws each need and no other, and none through a job that it has nothing to do with', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const nodes = randomGraph(seed);
      const { places, edges } = layOut(nodes);
      expect(edges.map(({ source, target }) => `${source} > ${target}`).sort()).toEqual(
        nodes.flatMap(({ id, needs }) => needs.map((need) => `${need} > ${id}`)).sort(),
      );
      for (const { source, target, way } of edges) {
        for (const [id, { x, y }] of places) {
          if (id === source || id === target) continue;
          const through = drawn(way).find((at) => at.x > x && at.x < x + NODE.width && at.y > y && at.y < y + NODE.height);
          expect(through, `${source} > ${target} through ${id}, graph ${seed}`).toBeUndefined();
        }
      }
    }
  });

  it('lets an edge that skips a column go round the job that stands there', () => {
    const { edges, places } = layOut([
      { id: 'build', needs: [] },
      { id: 'unit', needs: ['build'] },
      { id: 'deploy', needs: ['unit', 'build'] },
    ]);
    const skipping = edges.find(({ id }) => id === 'build deploy');
    const unit = places.get('unit') ?? { x: 0, y: 0 };
    expect(skipping?.way).toHaveLength(4);
    expect(skipping?.way.slice(1, 3).every(({ y }) => y < unit.y || y > unit.y + NODE.height)).toBe(true);
    expect(pathOf(skipping?.way ?? [])).toMatch(/^M[\d.,]+ C/);
  });

  it('ends, even for needs that go in a circle or name nothing', () => {
    const circle = [
      { id: 'a', needs: ['b'] },
      { id: 'b', needs: ['a', 'gone'] },
    ];
    expect(layOut(circle).places.size).toBe(2);
    expect(graphHeight(circle.map(({ id, needs }, position) => ({ ...at(id, position, needs) })))).toBeGreaterThan(0);
  });
});

const at = (name: string, position: number, needs: string[] = [], state: JobState = 'SUCCEEDED', kind = 'TEST') => ({
  name,
  position,
  needs,
  state,
  kind,
});

describe('groupJobs', () => {
  const shards = Array.from({ length: 12 }, (_, n) => at(`unit ${n + 1}/12`, n + 1, ['build'], n === 7 ? 'FAILED' : 'SUCCEEDED'));
  const jobs = [
    at('build', 0),
    ...shards,
    at('lint', 13, ['build']),
    at(
      'deploy',
      14,
      shards.map(({ name }) => name),
    ),
  ];

  it('makes one of many jobs of one shape, and keeps what differs apart', () => {
    const groups = groupJobs(jobs, new Set());
    expect(groups.map(({ label, needs }) => [label, needs.length])).toEqual([
      ['build', 0],
      ['12 × unit', 1],
      ['lint', 1],
      ['deploy', 1],
    ]);
    expect(speaker(groups[1]?.jobs ?? [at('none', 0)]).state).toBe('FAILED');
    expect(groupJobs(jobs, new Set(groups.map(({ id }) => id)))).toHaveLength(jobs.length);
  });

  it('names them by their kind where their names share no word', () => {
    const mixed = ['api', 'apple', 'web', 'docs', 'shop'].map((name, n) => at(name, n));
    expect(groupJobs(mixed, new Set()).map(({ label }) => label)).toEqual(['5 × test jobs']);
    expect(groupJobs(mixed.slice(1), new Set())).toHaveLength(4);
  });

  it('bounds the height that the graph is given', () => {
    expect(graphHeight(jobs)).toBeLessThan(200);
    expect(graphHeight(Array.from({ length: 40 }, (_, n) => at(`j${n}`, n, [], 'SUCCEEDED', `K${n}`)))).toBe(300);
  });
});

describe('the zoom of the graph', () => {
  const room = { width: 1000, height: 300 };

  it('shows the whole width as long as names can be read, and never larger than it is', () => {
    expect(readableZoom(room, { width: 500, height: 100 })).toBe(1);
    expect(readableZoom(room, { width: 1250, height: 100 })).toBe(0.8);
    expect(readableZoom(room, { width: 9000, height: 100 })).toBe(0.7);
  });

  it('shows the whole on request', () => {
    expect(wholeZoom(room, { width: 1250, height: 600 })).toBe(0.5);
    expect(wholeZoom(room, { width: 500, height: 100 })).toBe(1);
    expect(wholeZoom(room, { width: 500, height: 6000 })).toBe(0.05);
  });

  it('brings a node into sight, and moves nothing while it is', () => {
    expect(scrollTo(0, 1000, { from: 700, size: 224 })).toBe(0);
    expect(scrollTo(0, 1000, { from: 900, size: 224 })).toBe(512);
    expect(scrollTo(800, 1000, { from: 16, size: 224 })).toBe(0);
  });
});
