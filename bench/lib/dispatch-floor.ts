import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import pg from 'pg';
import { openSandbox } from '../../agents/dist/sandbox/open-sandbox.js';
import type { Installation } from './installation.ts';
import { connectTo, natsOf } from './nats.ts';
import { median, percentile } from './statistics.ts';

const TIMES = 100;
const COMMITS = 3;
const ROUND_TRIPS = 2;
const UNLIMITED = { cpuCores: null, memoryMib: null, processes: null };

/** The least that a dispatch can cost: commits, stream round trips, and the shell in the agent's own sandbox up to its first output. */
export async function dispatchFloor(installation: Installation): Promise<{ p50: number; p99: number }> {
  const { databaseUrl } = await installation.services();
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  // A table as any other: a temporary one is not written ahead, and its commits wait for no disk.
  await database.query('create table bench_floor (at timestamptz)');
  const nats = await connectTo(await natsOf(installation));
  const streams = await jetstreamManager(nats);
  await streams.streams.add({ name: 'FLOOR', subjects: ['floor'] });
  const shell = await sandboxedShell();
  const took: number[] = [];
  for (let n = 0; n < TIMES + 5; n++) {
    const startedAt = performance.now();
    for (let commit = 0; commit < COMMITS; commit++) await database.query('insert into bench_floor values (now())');
    for (let trip = 0; trip < ROUND_TRIPS; trip++) await jetstream(nats).publish('floor', '{}');
    took.push((await shell.firstOutput()) - startedAt);
  }
  await shell.close();
  await streams.streams.delete('FLOOR');
  await database.query('drop table bench_floor');
  await Promise.all([nats.close(), database.end()]);
  const warm = took.slice(5);
  return { p50: median(warm), p99: percentile(warm, 0.99) };
}

async function sandboxedShell() {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-bench-sandbox-'));
  const sandbox = await openSandbox({ agentDir: dir, passedEnv: [], firstUid: 61_500 });
  const user = sandbox.userOfSlot(0);
  const work = { source: join(dir, 'work'), target: '/workspace', writable: true };
  await mkdir(work.source);
  await sandbox.makeOwned(work.source, user);
  const env = sandbox.baseEnv(sandbox.inside(work));
  let n = 0;
  const firstOutput = async (): Promise<number> => {
    let at: number | null = null;
    const onOutput = () => {
      at ??= performance.now();
    };
    const command: [string, ...string[]] = ['/bin/sh', '-e', '-c', 'echo a line'];
    const mounts = [work];
    const cwd = sandbox.inside(work);
    const spec = {
      name: `job-floor-${n++}`,
      user,
      command,
      cwd,
      env,
      mounts,
      limits: UNLIMITED,
      network: { kind: 'slot' as const, slot: 0 },
    };
    const exit = await sandbox.run(spec, { stop: new AbortController().signal, onOutput });
    if (exit.code !== 0 || at === null) throw new Error(`The floor's shell ended with ${exit.code}.`);
    return at;
  };
  const close = async () => {
    await sandbox.close();
    await rm(dir, { recursive: true, force: true });
  };
  return { firstOutput, close };
}
