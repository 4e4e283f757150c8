import type { NatsConnection } from '@nats-io/transport-node';
import { REQUEST_VERBS, subjects } from '@slipway/protocol';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { newId } from '../../platform/ids.js';
import { silent } from '../../testing/graphql.js';
import { type TestNats, testNats } from '../../testing/nats.js';
import { type NatsAgent, NatsAgents } from '../../testing/nats-agents.js';
import { answerAgentRequests, type VerbHandlers } from './agent-requests.js';

const agentId = newId();
let nats: TestNats;
let agents: NatsAgents;
let agent: NatsAgent;
let server: NatsConnection;
let handled: string[];
let longAnswer: string;

beforeAll(async () => {
  nats = await testNats();
  agents = await NatsAgents.open(nats);
  agent = await agents.enter(agentId);
  server = await nats.connect();
  const handler = async (id: string, payload: unknown) => {
    handled.push(id);
    return { heard: payload, ...(longAnswer && { longAnswer }) };
  };
  answerAgentRequests(server, Object.fromEntries(REQUEST_VERBS.map((verb) => [verb, handler])) as VerbHandlers, silent);
  await server.flush();
});
afterAll(async () => {
  await agents.close();
  await nats.close();
});
beforeEach(() => {
  handled = [];
  longAnswer = '';
});

it('answers an agent, which is who its subject says', async () => {
  const answer = await agent.connection.request(subjects.request(agentId, 'hello'), '{"slots":1}');
  expect(answer.json()).toEqual({ heard: { slots: 1 } });
  expect(handled).toEqual([agentId]);
});

it('tells an agent what is wrong with its request', async () => {
  const answer = await agent.connection.request(subjects.request(agentId, 'hello'), 'no json');
  expect(answer.json()).toMatchObject({ error: { code: 'malformed', retry: false } });
});

it('says what is too large, instead of an answer that NATS does not carry', async () => {
  longAnswer = 'x'.repeat(server.info?.max_payload ?? 0);
  for (const [verb, what] of [
    ['accept', 'The job, with its steps, variables and secrets, has '],
    ['renew', 'The answer to "renew" has '],
  ] as const) {
    const answer = await agent.connection.request(subjects.request(agentId, verb), '{}');
    expect(answer.json()).toEqual({ error: { code: 'answer_too_large', message: expect.stringContaining(what), retry: false } });
  }
});

it('does nothing for a request that wants no answer', async () => {
  agent.connection.publish(subjects.request(agentId, 'hello'), '{}');
  await agent.connection.request(subjects.request(agentId, 'renew'), '{}');
  expect(handled).toHaveLength(1);
});

it("does nothing for a request out of the server's account itself, wherever its answer should go", async () => {
  const inside = await nats.connect();
  const heard: string[] = [];
  inside.subscribe('>', { callback: (_error, message) => void heard.push(message.subject) });
  const request = subjects.request(agentId, 'hello');
  for (const reply of ['_INBOX.x', subjects.jobs(agentId), `_INBOX_${agentId}.x`]) inside.publish(request, '{}', { reply });
  await inside.flush();
  await agent.connection.request(subjects.request(agentId, 'renew'), '{}');
  expect(handled).toHaveLength(1);
  expect(heard.filter((subject) => !subject.startsWith('requests.') && !subject.startsWith('_R_.'))).toEqual([]);
});
