import { describe, expect, it } from 'vitest';
import { type FreeAgent, matchJobs } from './match-jobs.js';
import type { Lane } from './queue-order.js';

let clock = 0;
const aLane = (ids: string[], { priority = 0, ...over }: Partial<Lane> & { priority?: number } = {}): Lane => ({
  projectId: 'p',
  kind: 'build',
  tags: [],
  trusted: true,
  pinnedAgentId: null,
  lostBy: [],
  jobs: ids.map((id) => ({ id, priority, queuedAt: new Date(++clock) })),
  ...over,
});
const anAgent = (id: string, over: Partial<FreeAgent> = {}): FreeAgent => ({
  id,
  roles: ['build', 'test', 'deploy'],
  tags: [],
  free: 1,
  takesUntrusted: true,
  ...over,
});
const none = new Map<string, number>();

describe('matchJobs', () => {
  it('never gives an agent more than its free slots', () => {
    expect(matchJobs([aLane(['1', '2', '3'])], [anAgent('a', { free: 2 })], none)).toHaveLength(2);
  });

  it('takes the oldest of the highest priority first', () => {
    const lanes = [aLane(['old']), aLane(['urgent'], { priority: 10, kind: 'test' })];
    expect(matchJobs(lanes, [anAgent('a')], none)).toEqual([{ jobId: 'urgent', agentId: 'a' }]);
  });

  it('does not let one project with a burst starve another', () => {
    const lanes = [aLane(['1', '2'], { projectId: 'burst' }), aLane(['3'], { projectId: 'small' })];
    const given = matchJobs(lanes, [anAgent('a', { free: 2 })], none).map((match) => match.jobId);
    expect(given.sort()).toEqual(['1', '3']);
  });

  it('passes over what no free slot can serve, and takes what comes after it', () => {
    const lanes = [aLane(['gpu-1', 'gpu-2'], { tags: ['gpu'], priority: 5 }), aLane(['1', '2'])];
    const agents = [anAgent('a'), anAgent('g', { tags: ['gpu'], free: 0 })];
    expect(matchJobs(lanes, agents, none)).toEqual([{ jobId: '1', agentId: 'a' }]);
  });

  it("gives a stranger's code to no agent that can't hold it in, not even to the one that it is pinned to", () => {
    const lanes = [aLane(['fork'], { trusted: false }), aLane(['pinned'], { trusted: false, pinnedAgentId: 'open' }), aLane(['own'])];
    const agents = [anAgent('open', { free: 5, takesUntrusted: false }), anAgent('closed', { free: 5 })];
    expect(matchJobs(lanes, agents, none)).toEqual([
      { jobId: 'fork', agentId: 'closed' },
      { jobId: 'own', agentId: 'open' },
    ]);
    expect(matchJobs(lanes.slice(0, 2), agents.slice(0, 1), none)).toEqual([]);
  });

  it('gives a lost build to another agent, and never to the one that lost it while another can serve', () => {
    const lost = aLane(['1'], { lostBy: ['a'] });
    expect(matchJobs([lost], [anAgent('a'), anAgent('b')], none)).toEqual([{ jobId: '1', agentId: 'b' }]);
    expect(matchJobs([lost], [anAgent('a'), anAgent('b', { free: 0 })], none)).toEqual([]);
    expect(matchJobs([lost], [anAgent('a'), anAgent('b', { roles: ['deploy'] })], none)).toEqual([{ jobId: '1', agentId: 'a' }]);
  });

  it('asks for every tag, and for the very agent that hosts an environment', () => {
    expect(matchJobs([aLane(['1'], { tags: ['gpu'] })], [anAgent('a')], none)).toEqual([]);
    expect(matchJobs([aLane(['1'], { pinnedAgentId: 'b' })], [anAgent('a'), anAgent('b')], none)).toEqual([{ jobId: '1', agentId: 'b' }]);
  });
});
