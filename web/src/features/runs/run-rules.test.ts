import { describe, expect, it } from 'vitest';
import type { JobState } from '../../generated/graphql.ts';
import { jobToShow } from './choose-job.ts';
import { placeJobs } from './job-graph-layout.ts';

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

describe('placeJobs', () => {
  const at = (name: string, position: number, needs: string[] = []) => ({ id: name, name, position, needs });

  it('puts a job one column past the furthest that it needs', () => {
    const placed = placeJobs([at('build', 0), at('unit', 1, ['build']), at('lint', 2), at('deploy', 3, ['unit', 'lint'])]);
    expect(placed.map(({ job: { name }, column, row }) => [name, column, row])).toEqual([
      ['build', 0, 0],
      ['unit', 1, 0],
      ['lint', 0, 1],
      ['deploy', 2, 0],
    ]);
  });

  it('ends, even for needs that go in a circle or name nothing', () => {
    expect(placeJobs([at('a', 0, ['b']), at('b', 1, ['a', 'gone'])])).toHaveLength(2);
  });
});
