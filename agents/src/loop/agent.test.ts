import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createUser } from '@nats-io/nkeys';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { KeptCheckouts } from '../job/kept-checkouts.js';
import { runJob } from '../job/run-job.js';
import { WorkspaceProgram } from '../job/workspace-program.js';
import { openSandbox } from '../sandbox/open-sandbox.js';
import type { Sandbox } from '../sandbox/sandbox.js';
import { aStep, aWork } from '../testing/builders.js';
import { USUAL_BOUNDS } from '../testing/job-runner.js';
import { refusal, ServerSide, type TestNats, testNats } from '../testing/nats-side.js';
import { Agent } from './agent.js';
import { NOT_SENDABLE } from './server-link.js';

const WITHIN = { timeout: 8_000, interval: 10 };
let dir: string;
let sandbox: Sandbox;
let program: WorkspaceProgram;
let nats: TestNats;
let server: ServerSide;
let agent: Agent;
let running: Promise<void>;
let agentId: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'agent-'));
  sandbox = await openSandbox({ agentDir: dir, passedEnv: [] });
  program = await WorkspaceProgram.install(dir, USUAL_BOUNDS);
});
afterAll(async () => {
  await sandbox.close();
  rmSync(dir, { recursive: true });
});
beforeEach(async () => {
  nats = await testNats();
  agentId = randomUUID();
  server = await ServerSide.open(nats.url, agentId);
  agent = anAgent(2);
  running = agent.run();
  await vi.waitFor(() => expect(server.hellos.length).toBeGreaterThan(0), WITHIN);
});
afterEach(async () => {
  await agent.stop({ instances: false });
  await running;
  await server.close();
  await nats.close();
});

function anAgent(slots: number): Agent {
  const user = createUser();
  return new Agent({
    version: '1',
    roles: ['build', 'test'],
    tags: [],
    slots,
    dir,
    spoolDir: join(dir, 'spool'),
    sandbox: sandbox.facts,
    identify: async () => ({ agentId, jwt: 'none is asked for', natsUrl: nats.url }),
    seed: user.getSeed(),
    slotsWith: async () => [],
    perform: (index) => (work, log, reports, stop) =>
      runJob(work, {
        sandbox,
        program,
        slot: { index, folder: join(dir, 'slots', `${index}`) },
        log,
        report: (event) => reports.report(event),
        stop,
        httpUrl: 'http://127.0.0.1:9',
        mirrorOf: () => {
          throw new Error('no checkout here');
        },
        checkouts: new KeptCheckouts(join(dir, 'checkouts'), 0),
        limits: { cpuCores: 2, memoryMib: 4_096, processes: 4_096, diskMib: 10_240 },
        spoolDir: join(dir, 'archives'),
      }),
    deploy: null,
    log: pino({ level: process.env.LOG ?? 'silent' }),
  });
}

const finished = (attempt: string) => vi.waitFor(() => expect(server.outcomes.get(attempt)).toBeDefined(), WITHIN);
const workspaces = () => readdirSync(join(dir, 'slots')).flatMap((slot) => readdirSync(join(dir, 'slots', slot)));

describe('an agent', () => {
  it('does the work it is offered and tells how it went, log first', async () => {
    const work = aWork({ steps: [aStep('echo hello')] });
    await server.offer(work);
    await finished(work.attempt);
    expect(server.outcomes.get(work.attempt)).toMatchObject({ outcome: { kind: 'passed' }, lines: 2 });
    expect(server.logOf(work.attempt)).toContain('hello');
    expect(await server.open()).toBe(0);
    expect(workspaces()).toEqual([]);
  });

  it('takes an offer once that comes twice', async () => {
    const work = aWork({ steps: [aStep('sleep 0.2; echo once')] });
    await server.offer(work, 3);
    await finished(work.attempt);
    await vi.waitFor(async () => expect(await server.open()).toBe(0), WITHIN);
    expect(server.reports.filter(({ kind }) => kind === 'finished')).toHaveLength(1);
    expect(server.logOf(work.attempt).match(/once/g)).toHaveLength(1);
  });

  it('pulls no more offers than it has free slots, and the next as soon as one is free', async () => {
    const works = [1, 2, 3, 4].map(() => aWork({ steps: [aStep('sleep 0.4')] }));
    for (const work of works) await server.offer(work);
    await vi.waitFor(() => expect(server.renewals.at(-1)).toHaveLength(2), WITHIN);
    expect(await server.open()).toBe(2);
    for (const work of works) await finished(work.attempt);
    expect(Math.max(...server.renewals.map(({ length }) => length))).toBeLessThanOrEqual(4);
  });

  it('is told that a request is larger than NATS takes, rather than asking for ever', async () => {
    const tooLarge = { text: 'x'.repeat(3 * 1024 ** 2) };
    await expect(agent.request('report', tooLarge, z.unknown())).rejects.toMatchObject({ code: NOT_SENDABLE });
    const work = aWork({ steps: [aStep('true')] });
    await server.offer(work);
    await finished(work.attempt);
  });

  it('drops an offer that is refused, and goes on', async () => {
    server.instead.set('accept', () => refusal('attempt_not_yours', false));
    await server.offer(aWork());
    await vi.waitFor(async () => expect(await server.open()).toBe(0), WITHIN);
    server.instead.delete('accept');
    const work = aWork({ steps: [aStep('true')] });
    await server.offer(work);
    await finished(work.attempt);
  });

  it('names its process whenever it says hello or accepts, and another process names another', async () => {
    const work = aWork({ steps: [aStep('true')] });
    await server.offer(work);
    await finished(work.attempt);
    const [hello] = server.hellos;
    expect(hello?.process).toMatch(/^[0-9a-f-]{36}$/);
    expect(server.accepts).toEqual([{ attempt: work.attempt, process: hello?.process }]);
    await agent.stop({ instances: false });
    await running;
    agent = anAgent(2);
    running = agent.run();
    const before = server.hellos.length;
    await vi.waitFor(() => expect(server.hellos.length).toBeGreaterThan(before), WITHIN);
    expect(server.hellos.at(-1)?.process).not.toBe(hello?.process);
  });

  it('says hello again when the server takes another process for it, and goes on', async () => {
    server.instead.set('accept', () => refusal('process_replaced', false));
    const hellos = server.hellos.length;
    await server.offer(aWork());
    await vi.waitFor(() => expect(server.hellos.length).toBe(hellos + 1), WITHIN);
    server.instead.delete('accept');
    const work = aWork({ steps: [aStep('true')] });
    await server.offer(work);
    await finished(work.attempt);
  });

  it('reports until it is answered, in order and each once, while the server fails', async () => {
    let fails = 0;
    server.instead.set('report', () => {
      if (++fails === 3) server.instead.delete('report');
      return fails === 1 ? undefined : refusal('internal', true);
    });
    const work = aWork({ steps: [aStep('true'), aStep('true')] });
    await server.offer(work);
    await finished(work.attempt);
    expect(server.reports.map(({ kind }) => kind)).toEqual(['step_started', 'step_finished', 'step_started', 'step_finished', 'finished']);
  });

  it('goes on building while NATS is away, and then tells all of it', async () => {
    const work = aWork({ steps: [aStep('echo before; sleep 1; echo after')] });
    await server.offer(work);
    await vi.waitFor(() => expect(server.logOf(work.attempt)).toContain('before'), WITHIN);
    await nats.kill();
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    await nats.start();
    await vi.waitFor(() => expect(server.outcomes.get(work.attempt)).toMatchObject({ outcome: { kind: 'passed' } }), { timeout: 15_000 });
    await vi.waitFor(() => expect(server.logOf(work.attempt)).toContain('before\nafter'), WITHIN);
    expect(server.hellos.length).toBeGreaterThan(1);
    expect(server.hellos[1]?.holding, 'over, but not reported: the server must not take it for lost').toEqual([work.attempt]);
  });

  it('holds what it may have accepted when NATS went away before the answer, and does it once it is told', async () => {
    let asked = 0;
    server.instead.set('accept', () => {
      asked++;
      return undefined;
    });
    const work = aWork({ steps: [aStep('echo once')] });
    await server.offer(work);
    await vi.waitFor(() => expect(asked).toBe(1), WITHIN);
    for (const hellos of [1, 2, 3]) {
      await nats.kill();
      await nats.start();
      await vi.waitFor(() => expect(server.hellos.length).toBeGreaterThan(hellos), WITHIN);
    }
    const held = server.hellos.slice(1).map(({ holding }) => holding);
    expect(held, 'the server may have given it the work').toEqual(held.map(() => [work.attempt]));
    server.instead.delete('accept');
    await vi.waitFor(() => expect(server.outcomes.get(work.attempt)).toMatchObject({ outcome: { kind: 'passed' } }), { timeout: 15_000 });
    await vi.waitFor(() => expect(server.logOf(work.attempt).match(/once/g)).toHaveLength(1), WITHIN);
  });

  it('stops what it has lost, and reports nothing more of it', async () => {
    const work = aWork({ steps: [aStep('sleep 50')] });
    await server.offer(work);
    await vi.waitFor(() => expect(server.reports).toHaveLength(1), WITHIN);
    server.lost.add(work.attempt);
    await vi.waitFor(() => expect(workspaces()).toEqual([]), WITHIN);
    expect(server.reports).toHaveLength(1);
  });

  it('stops what the server cancels, and says so', async () => {
    const work = aWork({ steps: [aStep('sleep 50')] });
    await server.offer(work);
    await vi.waitFor(() => expect(server.reports).toHaveLength(1), WITHIN);
    server.control({ kind: 'cancel', attempt: work.attempt, reason: 'cancelled by ada' });
    await finished(work.attempt);
    expect(server.outcomes.get(work.attempt)).toMatchObject({ outcome: { kind: 'stopped', reason: 'cancelled by ada' } });
  });

  it('finishes what runs when it drains, takes no more, and says that it offers nothing', async () => {
    const work = aWork({ steps: [aStep('sleep 0.5')] });
    await server.offer(work);
    await vi.waitFor(() => expect(server.reports).toHaveLength(1), WITHIN);
    const drained = agent.drain();
    await vi.waitFor(() => expect(server.hellos.at(-1)?.slots).toBe(0), WITHIN);
    await server.offer(aWork({ steps: [aStep('true')] }));
    await drained;
    expect(server.outcomes.get(work.attempt)).toMatchObject({ outcome: { kind: 'passed' } });
    expect(await server.open()).toBe(1);
    await running;
  });

  it('stops at once when it is told to, saying that it was the agent and not the job', async () => {
    const work = aWork({ steps: [aStep('sleep 50')] });
    await server.offer(work);
    await vi.waitFor(() => expect(server.reports).toHaveLength(1), WITHIN);
    await agent.stop({ instances: false });
    expect(server.outcomes.get(work.attempt)).toMatchObject({ outcome: { kind: 'stopped', reason: 'shutdown' } });
    expect(workspaces()).toEqual([]);
  });
});

describe('a control message', () => {
  it('that is none changes nothing: the connection stays, and work goes on', async () => {
    const work = aWork({ steps: [aStep('sleep 0.3; echo done')] });
    const hellos = server.hellos.length;
    await server.offer(work);
    for (const bytes of ['', 'no json', '{"stream":"LOGS","seq":1}']) server.control(bytes);
    await vi.waitFor(() => expect(server.outcomes.get(work.attempt)).toMatchObject({ outcome: { kind: 'passed' } }), WITHIN);
    expect(server.hellos).toHaveLength(hellos);
  });
});

describe('a sandbox that opens after an agent was killed', () => {
  it('ends the jobs that are left of it', async () => {
    const marker = join(dir, 'alive');
    writeFileSync(marker, '');
    const user = sandbox.userOfSlot(1);
    await sandbox.makeOwned(join(dir, 'left'), user);
    const mount = { source: join(dir, 'left'), target: '/workspace', writable: true };
    const spec = {
      name: 'job-left',
      user,
      command: ['/bin/sh', '-c', 'touch here; sleep 50'] as [string, ...string[]],
      cwd: sandbox.inside(mount),
      env: sandbox.baseEnv('/tmp'),
      mounts: [mount],
      limits: { cpuCores: null, memoryMib: null, processes: 50 },
      network: { kind: 'slot' as const, slot: 1 },
    };
    const left = sandbox.run(spec, { stop: new AbortController().signal, onOutput: () => {} });
    await vi.waitFor(() => expect(existsSync(join(dir, 'left', 'here'))).toBe(true), WITHIN);
    const next = await openSandbox({ agentDir: dir, passedEnv: [] });
    expect((await left).code).toBe(137);
    await next.close();
  });
});
