import { expect, it } from 'vitest';
import type { Wants } from './queue-order.js';
import { type AgentStanding, whyQueued } from './why-queued.js';

const anAgent = (name: string, over: Partial<AgentStanding> = {}): AgentStanding => ({
  id: name,
  name,
  roles: ['build', 'test', 'deploy'],
  tags: [],
  free: 0,
  slots: 2,
  connected: true,
  draining: false,
  takesUntrusted: true,
  ...over,
});
const wants = (over: Partial<Wants> = {}): Wants => ({ kind: 'build', tags: [], pinnedAgentId: null, trusted: true, ...over });

it.each<[string, AgentStanding[], Wants, string]>([
  ['no_agent', [], wants(), 'No agent is enrolled. Start one; the job then starts by itself.'],
  [
    'no_agent_with_role',
    [anAgent('a', { roles: ['build'] })],
    wants({ kind: 'deploy' }),
    'No agent runs deploy jobs. Start one with the role deploy (SLIPWAY_AGENT_ROLES).',
  ],
  [
    'no_agent_with_tags',
    [anAgent('a', { tags: ['linux'] })],
    wants({ tags: ['linux', 'gpu'] }),
    "No agent has the tag gpu. Give an agent this tag (SLIPWAY_AGENT_TAGS), or change the job's tags.",
  ],
  [
    'no_agent_with_tags',
    [anAgent('a', { tags: ['linux'] }), anAgent('b', { tags: ['gpu'] })],
    wants({ tags: ['linux', 'gpu'] }),
    "No agent has the tags linux and gpu together. Give an agent these tags (SLIPWAY_AGENT_TAGS), or change the job's tags.",
  ],
  [
    'no_agent_with_tags',
    [anAgent('a'), anAgent('d', { roles: ['deploy'], tags: ['gpu'] })],
    wants({ tags: ['gpu'] }),
    "No agent that runs build jobs has the tag gpu. Give an agent this tag (SLIPWAY_AGENT_TAGS), or change the job's tags.",
  ],
  [
    'no_agent_for_untrusted',
    [anAgent('a', { takesUntrusted: false }), anAgent('d', { roles: ['deploy'] })],
    wants({ trusted: false }),
    "The code comes from a fork, and agent a, the only one that could run it, can't hold such code in. The Agents page says what it lacks.",
  ],
  [
    'no_agent_for_untrusted',
    [anAgent('a', { takesUntrusted: false, tags: ['gpu'] }), anAgent('b', { takesUntrusted: false, tags: ['gpu'] }), anAgent('c')],
    wants({ trusted: false, tags: ['gpu'] }),
    'The code comes from a fork, and none of the 2 agents that could run it can hold such code in. The Agents page says what they lack.',
  ],
  [
    'about_to_start',
    [anAgent('a', { takesUntrusted: false }), anAgent('b', { free: 1 })],
    wants({ trusted: false }),
    'An agent is about to take it.',
  ],
  [
    'agents_gone',
    [anAgent('a', { connected: false })],
    wants(),
    'Agent a, the only one that can run it, is not connected. Start it again.',
  ],
  [
    'agents_gone',
    [anAgent('a', { connected: false, draining: true }), anAgent('b', { connected: false })],
    wants(),
    'Each of the 2 agents that can run it (a and b) is not connected. Start one again.',
  ],
  [
    'agents_draining',
    [anAgent('a', { draining: true }), anAgent('b', { roles: ['deploy'] })],
    wants(),
    'Agent a, the only one that can run it, is draining and takes no new jobs. Resume it on the Agents page.',
  ],
  [
    'agents_away',
    [anAgent('a', { draining: true }), anAgent('b', { connected: false })],
    wants(),
    'Each of the 2 agents that can run it (a and b) is either draining or not connected. Resume one on the Agents page, or start one again.',
  ],
  [
    'agents_gone',
    [anAgent('a', { connected: false }), anAgent('b')],
    wants({ kind: 'deploy', pinnedAgentId: 'a' }),
    'Agent a, which its environment lives on, is not connected. Start it again.',
  ],
  [
    'host_removed',
    [anAgent('b')],
    wants({ kind: 'deploy', pinnedAgentId: 'a' }),
    'The agent that its environment lives on is no longer enrolled. Make another environment, and deploy to that one.',
  ],
  ['slots_in_use', [anAgent('a', { slots: 1 })], wants(), 'The only slot of agent a is in use.'],
  [
    'slots_in_use',
    [anAgent('a'), anAgent('b', { slots: 4 }), anAgent('c', { connected: false, slots: 9 })],
    wants(),
    'All 6 slots of the 2 agents that can run it are in use.',
  ],
  ['about_to_start', [anAgent('a', { free: 1 })], wants(), 'An agent is about to take it.'],
])('%s', (reason, agents, job, message) => {
  expect(whyQueued(job, agents)).toEqual({ reason, message });
});
