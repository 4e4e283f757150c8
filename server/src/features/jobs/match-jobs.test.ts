import { describe, expect, it } from 'vitest';
import { type FreeAgent, matchJobs, type QueuedJob } from './match-jobs.js';

const aJob = (id: string, over: Partial<QueuedJob> = {}): QueuedJob => ({
  id,
  projectId: 'p',
  kind: 'build',
  priority: 0,
  tags: [],
  trusted: true,
  pinnedAgentId: null,
  lostBy: [],
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
    expect(matchJobs([aJob('1'), aJob('2'), aJob('3')], [anAgent('a', { free: 2 })], none)).toHaveLength(2);
  });

  it('takes the oldest of the highest priority first', () => {
    const jobs = [aJob('old'), aJob('urgent', { priority: 10 })];
    expect(matchJobs(jobs, [anAgent('a')], none)).toEqual([{ jobId: 'urgent', agentId: 'a' }]);
  });

  it('does not let one project with a burst starve another', () => {
    const jobs = [aJob('1', { projectId: 'burst' }), aJob('2', { projectId: 'burst' }), aJob('3', { projectId: 'small' })];
    const given = matchJobs(jobs, [anAgent('a', { free: 2 })], none).map((match) => match.jobId);
    expect(given.sort()).toEqual(['1', '3']);
  });

  it("gives a stranger's code to no agent that can't hold it in, not even to the one that it is pinned to", () => {
    const jobs = [aJob('fork', { trusted: false }), aJob('pinned', { trusted: false, pinnedAgentId: 'open' }), aJob('own')];
    const agents = [anAgent('open', { free: 5, takesUntrusted: false }), anAgent('closed', { free: 5 })];
    expect(matchJobs(jobs, agents, none)).toEqual([
      { jobId: 'fork', agentId: 'closed' },
      { jobId: 'own', agentId: 'open' },
    ]);
    expect(matchJobs(jobs.slice(0, 2), agents.slice(0, 1), none)).toEqual([]);
  });

  it('gives a lost build to another agent, and never to the one that lost it while another can serve', () => {
    const lost = aJob('1', { lostBy: ['a'] });
    expect(matchJobs([lost], [anAgent('a'), anAgent('b')], none)).toEqual([{ jobId: '1', agentId: 'b' }]);
    expect(matchJobs([lost], [anAgent('a'), anAgent('b', { free: 0 })], none)).toEqual([]);
    expect(matchJobs([lost], [anAgent('a'), anAgent('b', { roles: ['deploy'] })], none)).toEqual([{ jobId: '1', agentId: 'a' }]);
  });

  it('asks for every tag, and for the very agent that hosts an environment', () => {
    expect(matchJobs([aJob('1', { tags: ['gpu'] })], [anAgent('a')], none)).toEqual([]);
    expect(matchJobs([aJob('1', { pinnedAgentId: 'b' })], [anAgent('a'), anAgent('b')], none)).toEqual([{ jobId: '1', agentId: 'b' }]);
  });
});
