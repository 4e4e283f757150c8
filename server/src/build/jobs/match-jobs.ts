import { headOf, type Lane, nextInLine, type Standing, standingIn, type Wants } from './queue-order.js';

/** `takesUntrusted`: it isolates code of strangers, or its operator allows such code to run anyway. */
export type FreeAgent = { id: string; roles: string[]; tags: string[]; free: number; takesUntrusted: boolean };
export type Match = { jobId: string; agentId: string };

/**
 * Pairs queued jobs with free slots, in the order of the queue. A lane that no free slot can serve holds up no other. Of the agents that
 * can serve, the one with the most free slots is taken, and one that lost the job before only if no other agent could ever serve it.
 *
 * @param agents all that are connected and not draining; those without a free slot count for who could ever serve
 * @param inUse slots in use by project id
 */
export function matchJobs(lanes: readonly Lane[], agents: readonly FreeAgent[], inUse: ReadonlyMap<string, number>): Match[] {
  const free = new Map(agents.map((agent) => [agent.id, agent.free]));
  const held = new Map(inUse);
  const matches: Match[] = [];
  let open = standingIn(lanes).filter(({ lane }) => agentFor(lane, agents, free));
  for (let next = nextInLine(open, held); next; next = nextInLine(open, held)) {
    const agent = agentFor(next.lane, agents, free) as FreeAgent;
    matches.push({ jobId: take(next), agentId: agent.id });
    held.set(next.lane.projectId, (held.get(next.lane.projectId) ?? 0) + 1);
    const left = (free.get(agent.id) ?? 0) - 1;
    free.set(agent.id, left);
    if (left === 0) open = open.filter(({ lane }) => agentFor(lane, agents, free));
  }
  return matches;
}

function take(standing: Standing): string {
  const job = headOf(standing) as { id: string };
  standing.taken++;
  return job.id;
}

function agentFor(lane: Lane, agents: readonly FreeAgent[], free: ReadonlyMap<string, number>): FreeAgent | undefined {
  const able = agents.filter((agent) => canServe(agent, lane));
  const fresh = able.filter((agent) => !lane.lostBy.includes(agent.id));
  const candidates = (fresh.length > 0 ? fresh : able).filter((agent) => (free.get(agent.id) ?? 0) > 0);
  return candidates.sort((a, b) => (free.get(b.id) ?? 0) - (free.get(a.id) ?? 0))[0];
}

/** Whether an agent could ever run such a job, regardless of free slots. */
export function canServe(agent: Omit<FreeAgent, 'free'>, wants: Wants): boolean {
  if (!wants.trusted && !agent.takesUntrusted) return false;
  if (wants.pinnedAgentId) return agent.id === wants.pinnedAgentId;
  return agent.roles.includes(wants.kind) && wants.tags.every((tag) => agent.tags.includes(tag));
}
