import { describe, expect, it } from 'vitest';
import { processorMs } from '../../testing/processor-time.js';
import { CODE_HOSTS } from '../code-hosts/code-hosts.js';
import { contextOf, formatDuration, type RunFacts, statusOf } from './commit-status.js';
import { readAnswer } from './read-answer.js';

const aRun = (over: Partial<RunFacts>): RunFacts => ({
  state: 'running',
  problem: null,
  jobs: { total: 5, passed: 3, failed: 0 },
  durationMs: null,
  ...over,
});

describe('what is told of a run', () => {
  it.each<[Partial<RunFacts>, string, string]>([
    [{ state: 'pending', jobs: { total: 1, passed: 0, failed: 0 } }, 'pending', 'Waiting for an agent · 1 job'],
    [{}, 'running', '3 of 5 jobs passed'],
    [{ state: 'succeeded', jobs: { total: 5, passed: 5, failed: 0 }, durationMs: 130_000 }, 'success', '5 of 5 jobs passed · 2m10s'],
    [{ state: 'failed', jobs: { total: 5, passed: 3, failed: 1 }, durationMs: 9_400 }, 'failure', '3 of 5 jobs passed, 1 failed · 9s'],
    [{ state: 'cancelled', durationMs: 3_720_000 }, 'cancelled', 'Cancelled · 3 of 5 jobs passed · 1h2m'],
    [{ state: 'invalid', problem: 'line 3: no steps' }, 'error', "The pipeline can't be read: line 3: no steps"],
  ])('%j is %s: %s', (over, state, description) => {
    expect(statusOf(aRun(over))).toEqual({ state, description });
  });

  it('is never longer than the most narrow host takes', () => {
    expect(statusOf(aRun({ state: 'invalid', problem: 'x'.repeat(500) })).description).toHaveLength(140);
  });

  it('is kept apart for pushes, tags and pull requests', () => {
    expect(['refs/heads/main', 'refs/tags/v1', 'refs/pull/7/merge'].map((ref) => contextOf('app', ref))).toEqual([
      'slipway/app/push',
      'slipway/app/tag',
      'slipway/app/pr',
    ]);
  });
});

it.each([
  [0, '0s'],
  [59_600, '1m0s'],
  [3_599_000, '59m59s'],
])('%i ms are %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

it('reads the longest and oddest answer of a host at once', () => {
  const before = processorMs();
  const verdict = readAnswer(CODE_HOSTS.github.statuses, { status: 500, retryAfterMs: null, link: null, text: '<'.repeat(100_000) });
  expect(processorMs() - before).toBeLessThan(500);
  expect(verdict).toMatchObject({ told: false, message: expect.stringMatching(/^The host answered 500: <+$/) });
});
