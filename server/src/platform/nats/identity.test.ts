import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { encodeUser } from '@nats-io/jwt';
import { createAccount, createUser } from '@nats-io/nkeys';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { inboxPrefix, jobsConsumer, streams, subjects } from '@slipway/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findDistributionNatsServer, findNatsServer } from '../../../../scripts/services/throwaway.mjs';
import { type TestNats, testNats } from '../../testing/nats.js';
import { eavesdrop, type NatsAgent, NatsAgents, pull, pullSubject } from '../../testing/nats-agents.js';
import { newId } from '../ids.js';
import { agentPermissions } from './account-claims.js';
import { keyOf } from './identity.js';

/** Long enough for an answer to a hostile reply subject to have done its harm. */
const SETTLED_MS = 100;

const servers: [string, string | null][] = [
  ['the newest nats-server', await findNatsServer({})],
  ["the distribution's nats-server", await findDistributionNatsServer({})],
];

const present = servers.filter((server): server is [string, string] => server[1] !== null);

async function makeStreams(server: NatsConnection, agentIds: string[]): Promise<void> {
  const manager = await jetstreamManager(server);
  await manager.streams.add({ name: streams.jobs, subjects: ['jobs.*'], retention: 'workqueue' });
  await manager.streams.add({ name: streams.logs, subjects: ['logs.*.*'] });
  for (const id of agentIds)
    await manager.consumers.add(streams.jobs, {
      durable_name: jobsConsumer(id),
      filter_subject: subjects.jobs(id),
      ack_policy: 'explicit',
      ack_wait: 3e9,
    });
}

type World = { nats: TestNats; server: NatsConnection; agents: NatsAgents; agent: NatsAgent };

/** A NATS of its own with the streams, and one agent in it; another has a consumer. */
async function open(binary: string, agentId: string, otherId: string): Promise<World> {
  const nats = await testNats(binary);
  const server = await nats.connect();
  await makeStreams(server, [agentId, otherId]);
  const agents = await NatsAgents.open(nats);
  return { nats, server, agents, agent: await agents.enter(agentId) };
}

async function close({ agents, nats }: World): Promise<void> {
  await agents.close();
  await nats.close();
}

describe.each(present)('an agent at %s', (_, binary) => {
  const [agentId, otherId, attempt] = [newId(), newId(), newId()];
  let world: World;
  let server: NatsConnection;
  let agent: NatsAgent;

  beforeAll(async () => {
    world = await open(binary, agentId, otherId);
    ({ server, agent } = world);
  });
  afterAll(() => close(world));
  beforeEach(() => {
    agent.denied.length = 0;
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
});

describe.each(present)('an agent at %s', (_, binary) => {
  const [agentId, otherId, attempt] = [newId(), newId(), newId()];
  let world: World;
  let nats: TestNats;
  let agents: NatsAgents;
  let server: NatsConnection;
  let agent: NatsAgent;

  beforeEach(async () => {
    world = await open(binary, agentId, otherId);
    ({ nats, agents, server, agent } = world);
  });
  afterEach(() => close(world));

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

  it('is cut in under a second when it is revoked, and can not come back; others go on', async () => {
    const other = await agents.enter(otherId);
    const before = Date.now();
    await agents.accounts.shutOut([agent.account]);
    await agent.connection.closed();
    expect(Date.now() - before).toBeLessThan(1_000);
    await expect(nats.connect({ authenticator: agent.credentials, reconnect: false })).rejects.toThrow(/authorization/i);
    await other.connection.flush();
    expect(other.connection.isClosed()).toBe(false);
  });

  it('still gets its offer for a pull that was out while everything was said to NATS again', async () => {
    const { offer } = await pull(agent);
    await Promise.all([agents.accounts.openToAgents([]), agents.accounts.admit(agent.account, agent.user.getPublicKey())]);
    await jetstream(server).publish(subjects.jobs(agentId), 'work');
    expect((await offer).string()).toBe('work');
  });

  it('gets its offer at its new connection, not at the one before whose pull was still out', async () => {
    const before = await pull(agent);
    before.offer.catch(() => undefined);
    await agent.connection.close();
    const { offer } = await pull(await agents.enterAgain(agent));
    await jetstream(server).publish(subjects.jobs(agentId), 'work');
    expect((await offer).string()).toBe('work');
  });

  it("is cut out of the server's account, where it was let in before it had its own, and gets into its own with the same key", async () => {
    const [user, account] = [createUser(), { agentId: otherId, account: createAccount().getPublicKey() }];
    const jwt = await encodeUser('agent', user.getPublicKey(), keyOf(nats.identity.accountSeed), agentPermissions(otherId));
    const old = await agents.enterWith(account, user, jwt);
    server.subscribe(subjects.requestsOfAllAgents, { callback: (_error, message) => void message.respond('hello') });
    await server.flush();
    expect((await old.connection.request(subjects.request(otherId, 'hello'))).string()).toBe('hello');

    await agents.accounts.openToAgents([user.getPublicKey()]);
    await old.connection.closed();
    await expect(nats.connect({ authenticator: old.credentials, reconnect: false })).rejects.toThrow(/authorization/i);
    const now = await agents.enterAgain({ account, user });
    expect((await now.connection.request(subjects.request(otherId, 'hello'))).string()).toBe('hello');
    expect([server, agent.connection].map((connection) => connection.isClosed())).toEqual([false, false]);
  });
});

describe.each(present)('an agent at %s that names a reply subject of others', (_, binary) => {
  const [agentId, otherId, attempt] = [newId(), newId(), newId()];
  const hello = subjects.request(agentId, 'hello');
  let world: World;
  let server: NatsConnection;
  let agent: NatsAgent;
  let other: NatsAgent;

  beforeAll(async () => {
    world = await open(binary, agentId, otherId);
    ({ server, agent } = world);
    other = await world.agents.enter(otherId);
    server.subscribe(subjects.requestsOfAllAgents, { callback: (_error, message) => void message.respond('hello') });
    await server.flush();
  });
  afterAll(() => close(world));

  async function offered(): Promise<string> {
    const { offer } = await pull(agent);
    await jetstream(server).publish(subjects.jobs(agentId), 'work');
    return (await offer).reply ?? '';
  }

  /** Everything that it may say and that somebody with more rights answers. */
  async function sayAll(reply: string): Promise<void> {
    const { connection } = agent;
    connection.publish(await offered(), '+ACK', { reply });
    connection.publish(await offered(), '+NXT', { reply });
    connection.publish(hello, 'x', { reply });
    connection.publish(subjects.logs(agentId, attempt), 'chunk', { reply });
    const atOnce = JSON.stringify({ batch: 1, no_wait: true });
    connection.publish(pullSubject(agent), atOnce, { reply }); // nothing is there: an empty answer
    await connection.flush();
    await jetstream(server).publish(subjects.jobs(agentId), 'work');
    connection.publish(pullSubject(agent), atOnce, { reply });
    await connection.flush();
    await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
  }

  /** Subjects in the server's account, while that is done, that are not this agent's own. */
  async function foreignWhile(work: () => Promise<void>): Promise<{ seen: string[]; foreign: string[] }> {
    const seen: string[] = [];
    const spy = server.subscribe('>', { callback: (_error, message) => void seen.push(message.subject) });
    await server.flush();
    await work();
    spy.unsubscribe();
    const own = [
      `requests.${agentId}.`,
      `logs.${agentId}.`,
      `jobs.${agentId}`,
      pullSubject(agent),
      `$JS.ACK.JOBS.${jobsConsumer(agentId)}.`,
    ];
    const natsOwn = ['_R_.', '_INBOX.', '$JS.EVENT.'];
    return { seen, foreign: seen.filter((subject) => ![...own, ...natsOwn].some((prefix) => subject.startsWith(prefix))) };
  }

  async function expectNothingTouched(): Promise<void> {
    const manager = await jetstreamManager(server);
    const log = await manager.streams.getMessage(streams.logs, { last_by_subj: subjects.logs(otherId, attempt) });
    expect(log?.string()).toBe('kept');
    const offer = await (await pull(other)).offer;
    expect(offer.string()).toBe('kept');
    const DELIVERIES = 4; // $JS.ACK.<stream>.<consumer>.<deliveries>.…
    expect(offer.reply?.split('.')[DELIVERIES]).toBe('1');
    await other.connection.request(offer.reply ?? '', '+ACK');
  }

  beforeEach(async () => {
    await jetstream(server).publish(subjects.logs(otherId, attempt), 'kept');
    await jetstream(server).publish(subjects.jobs(otherId), 'kept');
    agent.denied.length = 0;
  });

  it.each([
    ['deletes the jobs', '$JS.API.STREAM.DELETE.JOBS'],
    ['purges the logs', '$JS.API.STREAM.PURGE.LOGS'],
    ["deletes another agent's consumer", `$JS.API.CONSUMER.DELETE.JOBS.${jobsConsumer(otherId)}`],
    ["pulls another agent's jobs", `$JS.API.CONSUMER.MSG.NEXT.JOBS.${jobsConsumer(otherId)}`],
    ['reports as another agent', subjects.request(otherId, 'report')],
    ['offers another agent a job', subjects.jobs(otherId)],
    ["writes into another agent's log", subjects.logs(otherId, attempt)],
    ["writes into another agent's inbox", `${inboxPrefix(otherId)}.x`],
    ["writes into the server's inbox", '_INBOX.x'],
    ['controls another agent', subjects.control(otherId)],
    ['tells news of changes', subjects.changed('run', attempt)],
  ])('one that %s: nothing happens', async (_what, reply) => {
    const heardByOther = eavesdrop(other);
    await other.connection.flush();
    const { seen, foreign } = await foreignWhile(() => sayAll(reply));
    expect(foreign).toEqual([]);
    expect(seen).toContain(hello);
    expect(seen).not.toContain(reply);
    expect(heardByOther).toEqual([]);
    expect(agent.denied).toEqual([]);
    await expectNothingTouched();
  });

  it.each([
    ["an acknowledgement of another agent's job", `$JS.ACK.JOBS.${jobsConsumer(otherId)}.1.1.1.1.0`],
    ['where an answer to another account goes', '_R_.abcdef.ghijkl'],
  ])('one that is %s: is not heard at all', async (_what, reply) => {
    const { seen } = await foreignWhile(() => sayAll(reply));
    expect(seen).not.toContain(hello);
    expect(seen).not.toContain(reply);
    await expect.poll(() => agent.denied).toContainEqual(expect.stringContaining(`Reply of "${reply}"`));
    await expectNothingTouched();
  });

  it('one to which its messages should be traced: nothing happens', async () => {
    const traced = headers();
    traced.set('Nats-Trace-Dest', '$JS.API.STREAM.DELETE.JOBS');
    const { foreign } = await foreignWhile(async () => {
      agent.connection.publish(subjects.logs(agentId, attempt), 'traced', { headers: traced });
      await agent.connection.flush();
      await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
    });
    expect(foreign).toEqual([]);
    await expectNothingTouched();
  });
});
