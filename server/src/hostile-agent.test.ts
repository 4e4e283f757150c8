import { type AttemptEvent, type Hello, macOf, noTraffic, type Renew, type RequestVerb, subjects, type Work } from '@slipway/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { answerAgents } from './compose/agents.js';
import { anInstance, anObservation } from './deliver/deployments/testing/builders.js';
import { newId } from './platform/ids.js';
import { randomNumbers } from './testing/fuzz/mutations.js';
import { withOddPlaces } from './testing/hostile/requests.js';
import { wholeServer } from './testing/hostile/whole-server.js';
import { type NatsAgent, NatsAgents } from './testing/nats-agents.js';

const EACH = Number(process.env.HOSTILE_EACH ?? 1);
const random = randomNumbers(Number(process.env.HOSTILE_SEED ?? 20_261_129));
const below = (limit: number) => Math.floor(random() * limit);

const stack = new AsyncDisposableStack();
let server: Awaited<ReturnType<typeof wholeServer>>;
let agent: NatsAgent;

beforeAll(async () => {
  server = await wholeServer();
  stack.defer(() => server.close());
  const { nats, features, database, connection, log, agentId } = server;
  const agents = stack.adopt(await NatsAgents.open(nats), (each) => each.close());
  stack.defer(answerAgents({ database, nats: connection, features, log }));
  await connection.connection.flush();
  agent = await agents.enter(agentId);
}, 120_000);
afterAll(() => stack.disposeAsync());

/** What a server says of its own faults; that something was set aside is no such thing. */
const FAULT = /A request of an agent failed/;

async function ask(verb: RequestVerb, payload: unknown): Promise<unknown> {
  const body = payload === undefined ? '' : JSON.stringify(payload);
  const { error } = (await agent.connection.request(subjects.request(server.agentId, verb), body, { timeout: 30_000 })).json() as {
    error?: { code: string };
  };
  const faults = server.errors.filter((line) => FAULT.test(String(line.message)));
  expect([error?.code === 'internal', faults], `${verb} ${body.slice(0, 1_000)}`).toEqual([false, []]);
  return error?.code ?? null;
}

async function askOddly(verb: RequestVerb, payload: object): Promise<Set<unknown>> {
  const codes = new Set<unknown>([await ask(verb, payload)]);
  for (const odd of withOddPlaces(payload, EACH, below)) codes.add(await ask(verb, odd));
  return codes;
}

/** Work that this agent holds, as a job's end may take it away. */
async function held(): Promise<{ work: Work; n: number }> {
  const { database, world, agentId } = server;
  const [row] = await database.query<{ id: string; n: number }>(
    `select id, next_report as n from attempts where agent_id = $1 and state = 'running'`,
    [agentId],
  );
  if (row && holding?.attempt === row.id) return { work: holding, n: row.n };
  await world.push();
  holding = await world.take(agentId);
  if (!holding) throw new Error('No work is offered to this agent.');
  return { work: holding, n: 0 };
}
let holding: Work | undefined;

const hello: Hello = {
  ...{
    version: '1',
    roles: ['build', 'test', 'deploy'],
    tags: ['a'],
    slots: 2,
    hostname: 'host',
    platform: 'linux',
    process: newId(),
    holding: [newId()],
  },
  sandbox: {
    ...{ mode: 'sandboxed', limits: 'enforced', network: 'isolated', untrusted: true, notes: ['a note'] },
    jobLimits: { cpuCores: 1, memoryMib: 1, processes: 1, diskMib: 1 },
  },
};
const load = { cpu: 1, memoryUsed: 1, memoryTotal: 1, diskFree: 1 };

it.each<[RequestVerb, () => Promise<object>]>([
  ['hello', async () => hello],
  ['renew', async () => ({ attempts: [{ attempt: (await held()).work.attempt, number: 1 }], load }) satisfies Renew],
  ['accept', async () => ({ attempt: (await held()).work.attempt, process: newId() })],
  ['desired', async () => ({ environmentId: await server.idOf('environments') })],
  [
    'observed',
    async () => {
      const [environmentId, releaseId] = [await server.idOf('environments'), await server.idOf('releases')];
      return anObservation({
        ...{ environmentId, instances: [anInstance(releaseId)], routed: [{ releaseId, weight: 100 }] },
        ...{ traffic: [{ ...noTraffic(releaseId), latency: [1, 0] }], error: { code: 'x', message: 'y', releaseId } },
      });
    },
  ],
])('whatever an agent says with "%s" is taken, or refused as its fault', { timeout: 120_000 }, async (verb, payload) => {
  expect(await askOddly(verb, await payload())).toContain('malformed');
});

const EVENTS: AttemptEvent[] = [
  { kind: 'step_started', index: 0, name: 'a step', line: 1 },
  { kind: 'step_finished', index: 0, exitCode: 1, durationMs: 5 },
  { kind: 'tests', cases: [{ suite: 's', name: 'n', file: 'f', state: 'failed', durationMs: 1.5, message: 'm', output: 'o' }] },
  { kind: 'finished', outcome: { kind: 'failed', reason: 'r', message: 'm', step: 's', exitCode: 1 }, lastChunk: 0, lines: 1 },
  { kind: 'finished', outcome: { kind: 'error', reason: 'r', message: 'm' }, lastChunk: 0, lines: 1 },
];

it.each(EVENTS)('whatever an agent reports of $kind is taken, or ends the attempt', { timeout: 120_000 }, async (event) => {
  const codes = new Set<unknown>();
  for (const odd of [event, ...withOddPlaces(event, EACH, below)]) {
    const { work, n } = await held();
    const mac = macOf(Buffer.from(work.key, 'base64'), subjects.request(server.agentId, 'report'), work.number, n);
    codes.add(await ask('report', { attempt: work.attempt, number: work.number, n, mac, event: odd }));
  }
  // Otherwise the agent would ask for ever, and keep its slot.
  expect(codes).toContain('report_refused');
  expect(codes).toContain(null);
});

it('a report of no attempt that the agent holds, or out of order, is refused', async () => {
  const { work, n } = await held();
  const event = { kind: 'step_started', index: 0, name: 'a step', line: 1 };
  const mac = macOf(Buffer.from(work.key, 'base64'), subjects.request(server.agentId, 'report'), work.number, n);
  for (const odd of [{ attempt: newId() }, { number: work.number + 1 }, { n: n + 1 }, { n: -1 }, { mac: 'x' }, { mac: '' }])
    expect(await ask('report', { attempt: work.attempt, number: work.number, n, mac, event, ...odd })).toMatch(/^report_(foreign|forged)$/);
});
