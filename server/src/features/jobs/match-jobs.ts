import type { JobKind } from '../pipelines/pipeline.js';

export type QueuedJob = {
  id: string;
  projectId: string;
  kind: JobKind;
  priority: number;
  tags: string[];
  /** Whether it runs code of the project, and not a stranger's. */
  trusted: boolean;
  pinnedAgentId: string | null;
  lostBy: string[];
};
/** `takesUntrusted`: it can hold a stranger's code in, or its operator lets it run all the same. */
export type FreeAgent = { id: string; roles: string[]; tags: string[]; free: number; takesUntrusted: boolean };
export type Match = { jobId: string; agentId: string };

/**
 * Pairs queued jobs with free slots. `jobs` come oldest first. Order: priority, then the project that holds the fewest
 * slots (so that one project's burst doesn't starve the others), then age. Of the agents that can serve, the one with the
 * most free slots is taken, and one that lost this job before only if no other agent could ever serve it.
 *
 * @param inUse slots in use by project id
 */
export function matchJobs(jobs: readonly QueuedJob[], agents: readonly FreeAgent[], inUse: ReadonlyMap<string, number>): Match[] {
  const free = new Map(agents.map((agent) => [agent.id, agent.free]));
  const used = new Map(inUse);
  const left = [...jobs];
  const matches: Match[] = [];
  while (left.length > 0) {
    const index = nextIndex(left, used);
    const [job] = left.splice(index, 1);
    if (!job) break;
    const agent = agentFor(job, agents, free);
    if (!agent) continue;
    free.set(agent.id, (free.get(agent.id) ?? 0) - 1);
    used.set(job.projectId, (used.get(job.projectId) ?? 0) + 1);
    matches.push({ jobId: job.id, agentId: agent.id });
  }
  return matches;
}

function nextIndex(jobs: readonly QueuedJob[], used: ReadonlyMap<string, number>): number {
  let best = 0;
  for (let i = 1; i < jobs.length; i++) {
    const candidate = jobs[i] as QueuedJob;
    const leader = jobs[best] as QueuedJob;
    const fairer = (used.get(candidate.projectId) ?? 0) < (used.get(leader.projectId) ?? 0);
    if (candidate.priority > leader.priority || (candidate.priority === leader.priority && fairer)) best = i;
  }
  return best;
}

function agentFor(job: QueuedJob, agents: readonly FreeAgent[], free: ReadonlyMap<string, number>): FreeAgent | undefined {
  const able = agents.filter((agent) => canServe(agent, job));
  const fresh = able.filter((agent) => !job.lostBy.includes(agent.id));
  const candidates = (fresh.length > 0 ? fresh : able).filter((agent) => (free.get(agent.id) ?? 0) > 0);
  return candidates.sort((a, b) => (free.get(b.id) ?? 0) - (free.get(a.id) ?? 0))[0];
}

export function canServe(
  agent: Pick<FreeAgent, 'id' | 'roles' | 'tags' | 'takesUntrusted'>,
  job: Pick<QueuedJob, 'kind' | 'tags' | 'pinnedAgentId' | 'trusted'>,
): boolean {
  if (!job.trusted && !agent.takesUntrusted) return false;
  if (job.pinnedAgentId) return agent.id === job.pinnedAgentId;
  return agent.roles.includes(job.kind) && job.tags.every((tag) => agent.tags.includes(tag));
}
