import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { createUser } from '@nats-io/nkeys';
import { type Authenticator, jwtAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { inboxPrefix, jobsConsumer, streams, subjects } from '@slipway/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findDistributionNatsServer, findNatsServer } from '../../../../scripts/services/throwaway.mjs';
import { type TestNats, testNats } from '../../testing/nats.js';
import { newId } from '../ids.js';
import { enforceRevocations, issueAgentJwt } from './identity.js';

const servers: [string, string | null][] = [
  ['the newest nats-server', await findNatsServer({})],
  ["the distribution's nats-server", await findDistributionNatsServer({})],
];

describe.each(servers.filter((server): server is [string, string] => server[1] !== null))('an agent at %s', (_, binary) => {
  const [agentId, otherId, attempt] = [newId(), newId(), newId()];
  let nats: TestNats;
  let server: NatsConnection;
  let agent: Agent;

  type Agent = { connection: NatsConnection; credentials: Authenticator; publicKey: string; denied: string[] };

  async function anAgent(id: string): Promise<Agent> {
    const user = createUser();
    const jwt = await issueAgentJwt(nats.identity, id, user.getPublicKey());
    const credentials = jwtAuthenticator(jwt, user.getSeed());
    const connection = await nats.connect({
      authenticator: credentials,
      inboxPrefix: inboxPrefix(id),
      reconnect: false,
    });
    const denied: string[] = [];
    void (async () => {
      for await (const status of connection.status()) if (status.type === 'error') denied.push(status.error.message);
    })();
    return { connection, credentials, publicKey: user.getPublicKey(), denied };
  }

  beforeEach(async () => {
    nats = await testNats(binary);
    server = await nats.connect();
    const manager = await jetstreamManager(server);
    await manager.streams.add({ name: streams.jobs, subjects: ['jobs.*'], retention: 'workqueue' });
    await manager.streams.add({ name: streams.logs, subjects: ['logs.*.*'] });
    for (const id of [agentId, otherId])
      await manager.consumers.add(streams.jobs, {
        durable_name: jobsConsumer(id),
        filter_subject: subjects.jobs(id),
        ack_policy: 'explicit',
        ack_wait: 3e9,
      });
    agent = await anAgent(agentId);
  });
  afterEach(() => nats.close());

  it('pulls and acknowledges its jobs, asks the server, publishes its log and hears its control subject', async () => {
    server.subscribe(subjects.requestsOfAllAgents, { callback: (_error, message) => void message.respond(`hello ${message.subject}`) });
    const control = agent.connection.subscribe(subjects.control(agentId), { max: 1 });
    await agent.connection.flush();

    await jetstream(server).publish(subjects.jobs(agentId), 'work');
    const consumer = jetstream(agent.connection).consumers.getConsumerFromInfo({
      stream_name: streams.jobs,
      name: jobsConsumer(agentId),
      config: {},
    } as Parameters<ReturnType<typeof jetstream>['consumers']['getConsumerFromInfo']>[0]);
    const job = await consumer.next({ expires: 2_000 });
    expect(job?.string()).toBe('work');
    expect(await job?.ackAck()).toBe(true);

    expect((await agent.connection.request(subjects.request(agentId, 'hello'))).string()).toBe(`hello requests.${agentId}.hello`);
    expect((await jetstream(agent.connection).publish(subjects.logs(agentId, attempt), 'chunk')).stream).toBe(streams.logs);

    server.publish(subjects.control(agentId), 'drain');
    for await (const message of control) expect(message.string()).toBe('drain');
    expect(agent.denied).toEqual([]);
  });

  it.each([
    ["another agent's requests", subjects.request(otherId, 'report')],
    ["another agent's log", subjects.logs(otherId, attempt)],
    ["another agent's jobs", subjects.jobs(otherId)],
    ['its own jobs subject', subjects.jobs(agentId)],
    ['control messages', subjects.control(otherId)],
    ['news of changes', subjects.changed('run', newId())],
    ["another agent's inbox", `${inboxPrefix(otherId)}.x`],
    ["another agent's consumer", `$JS.API.CONSUMER.MSG.NEXT.JOBS.${jobsConsumer(otherId)}`],
    ["acknowledgements of another's jobs", `$JS.ACK.JOBS.${jobsConsumer(otherId)}.1.1.1.1.0`],
    ['the log stream by request', '$JS.API.DIRECT.GET.LOGS'],
    ['the log stream by name', '$JS.API.STREAM.MSG.GET.LOGS'],
    ['stream administration', '$JS.API.STREAM.DELETE.LOGS'],
    ['a consumer of its own', '$JS.API.CONSUMER.CREATE.LOGS'],
    ['the system account', '$SYS.REQ.CLAIMS.UPDATE'],
    ['a verb that is none', `requests.${agentId}.drop`],
  ])('may not publish to %s', async (_what, subject) => {
    const heard: string[] = [];
    server.subscribe(subject, { callback: (_error, message) => void heard.push(message.subject) });
    await server.flush();
    agent.connection.publish(subject, 'x');
    await agent.connection.flush();
    await expect.poll(() => agent.denied.length).toBe(1);
    expect(agent.denied[0]).toContain(`"${subject}"`);
    expect(heard).toEqual([]);
  });

  it.each([
    ['everything', '>'],
    ["another agent's log", `logs.${otherId}.*`],
    ["another agent's inbox", `${inboxPrefix(otherId)}.>`],
    ["another agent's control subject", subjects.control(otherId)],
    ["everybody's requests", subjects.requestsOfAllAgents],
    ['news of changes', subjects.changedAll],
    ['its own jobs beside the consumer', subjects.jobs(agentId)],
    ['inboxes in general', '_INBOX.>'],
  ])('may not listen to %s', async (_what, subject) => {
    agent.connection.subscribe(subject, { callback: () => undefined });
    await agent.connection.flush();
    await expect.poll(() => agent.denied.length).toBe(1);
    expect(agent.denied[0]).toContain(`"${subject}"`);
  });

  it('is cut in under a second when it is revoked, and can not come back; others go on', async () => {
    const other = await anAgent(otherId);
    const before = Date.now();
    await enforceRevocations(nats.identity, nats.url, { [agent.publicKey]: Math.floor(before / 1000) + 1 });
    await agent.connection.closed();
    expect(Date.now() - before).toBeLessThan(1_000);
    await expect(nats.connect({ authenticator: agent.credentials, reconnect: false })).rejects.toThrow(/authorization/i);
    await other.connection.flush();
    expect(other.connection.isClosed()).toBe(false);
  });
});
