import { type JobKind } from '@slipway/protocol';
import { canServe } from './match-jobs.js';
import type { Wants } from './queue-order.js';

/** What matters of an agent for why a job waits. `free`: slots. */
export type AgentStanding = {
  id: string;
  name: string;
  roles: JobKind[];
  tags: string[];
  free: number;
  slots: number;
  connected: boolean;
  draining: boolean;
  takesUntrusted: boolean;
};
type Why = { reason: QueuedReason; message: string };
type QueuedReason =
  | 'no_agent'
  | 'no_agent_with_role'
  | 'no_agent_with_tags'
  | 'no_agent_for_untrusted'
  | 'host_removed'
  | 'agents_gone'
  | 'agents_draining'
  | 'agents_away'
  | 'slots_in_use'
  | 'about_to_start';

const MAX_NAMES = 3;

/** Why a queued job has not been assigned to an agent, by the same rule that assigns jobs. @param agents all that are enrolled */
export function whyQueued(wants: Wants, agents: readonly AgentStanding[]): Why {
  if (agents.length === 0) return { reason: 'no_agent', message: 'No agent is enrolled. Start one; the job then starts by itself.' };
  const able = agents.filter((agent) => canServe(agent, wants));
  if (able.length === 0) return nobodyCould(wants, agents);
  const there = able.filter((agent) => agent.connected);
  if (there.length === 0) return { reason: 'agents_gone', message: `${theOnes(able, wants)} not connected. Start ${them(able)} again.` };
  const working = there.filter((agent) => !agent.draining);
  if (working.length > 0) return busy(working);
  if (there.length === able.length)
    return {
      reason: 'agents_draining',
      message: `${theOnes(able, wants)} draining and takes no new jobs. Resume ${them(able)} on the Agents page.`,
    };
  return {
    reason: 'agents_away',
    message: `${theOnes(able, wants)} either draining or not connected. Resume one on the Agents page, or start one again.`,
  };
}

function nobodyCould({ kind, tags, pinnedAgentId, trusted }: Wants, agents: readonly AgentStanding[]): Why {
  if (pinnedAgentId)
    return {
      reason: 'host_removed',
      message: 'The agent that its environment lives on is no longer enrolled. Make another environment, and deploy to that one.',
    };
  const ofRole = agents.filter((agent) => agent.roles.includes(kind));
  if (ofRole.length === 0)
    return { reason: 'no_agent_with_role', message: `No agent runs ${kind} jobs. Start one with the role ${kind} (SLIPWAY_AGENT_ROLES).` };
  const unknown = tags.filter((tag) => !ofRole.some((agent) => agent.tags.includes(tag)));
  const missing = unknown.length > 0 ? unknown : tags;
  const ofTags = ofRole.filter((agent) => tags.every((tag) => agent.tags.includes(tag)));
  if (!trusted && ofTags.length > 0) return notHeldIn(ofTags);
  const who = ofRole.length === agents.length ? 'No agent' : `No agent that runs ${kind} jobs`;
  return {
    reason: 'no_agent_with_tags',
    message: `${who} has the ${missing.length === 1 ? 'tag' : 'tags'} ${listed(missing)}${unknown.length > 0 ? '' : ' together'}. Give an agent ${missing.length === 1 ? 'this tag' : 'these tags'} (SLIPWAY_AGENT_TAGS), or change the job's tags.`,
  };
}

function notHeldIn(agents: readonly AgentStanding[]): Why {
  const [who, they] =
    agents.length === 1
      ? [`agent ${agents[0]?.name}, the only one that could run it, can't hold`, 'it lacks']
      : [`none of the ${agents.length} agents that could run it can hold`, 'they lack'];
  return {
    reason: 'no_agent_for_untrusted',
    message: `The code comes from a fork, and ${who} such code in. The Agents page says what ${they}.`,
  };
}

function busy(working: readonly AgentStanding[]): Why {
  if (working.some((agent) => agent.free > 0)) return { reason: 'about_to_start', message: 'An agent is about to take it.' };
  const slots = working.reduce((sum, agent) => sum + agent.slots, 0);
  const where = working.length === 1 ? `agent ${working[0]?.name}` : `the ${working.length} agents that can run it`;
  return {
    reason: 'slots_in_use',
    message: slots === 1 ? `The only slot of ${where} is in use.` : `All ${slots} slots of ${where} are in use.`,
  };
}

function theOnes(able: readonly AgentStanding[], { pinnedAgentId }: Wants): string {
  if (pinnedAgentId) return `Agent ${able[0]?.name}, which its environment lives on, is`;
  if (able.length === 1) return `Agent ${able[0]?.name}, the only one that can run it, is`;
  return `Each of the ${able.length} agents that can run it (${listed(able.map(({ name }) => name))}) is`;
}

const them = (able: readonly AgentStanding[]) => (able.length === 1 ? 'it' : 'one');

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMES);
  const more = names.length - shown.length;
  const parts = more > 0 ? [...shown, `${more} more`] : shown;
  return parts.length > 1 ? `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}` : (parts[0] ?? '');
}
