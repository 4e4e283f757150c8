import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../lib/bench.ts';
import { Installation, type ProcessName } from '../lib/installation.ts';
import { cpuSeconds, pssMib, rssMib, treeOf } from '../lib/processes.ts';
import { eventually } from '../lib/wait.ts';

const REST_MS = 20_000;
const WATCH_MS = 20_000;
const OURS: ProcessName[] = ['server', 'agent', 'router'];

/** The installation of a newcomer: its sample is built, tested and deployed; then nothing happens any more. */
export const bench: Bench = async () => {
  await using installation = await Installation.running();
  await sampleRan(installation);
  await sleep(REST_MS);
  const services = await Promise.all(OURS.map((name) => installation.pidOf(name)));
  // HAProxy is the router's child for as long as that router lives.
  const haproxy = treeOf(services[OURS.indexOf('router')] as number).slice(1);
  const [pids, names] = [
    [...services, ...haproxy],
    [...OURS, ...haproxy.map(() => 'HAProxy')],
  ];
  const before = pids.map(cpuSeconds);
  await sleep(WATCH_MS);
  const cpu = pids.map((pid, n) => ((cpuSeconds(pid) - (before[n] as number)) / (WATCH_MS / 1000)) * 100);
  const memory = pids.map(pssMib);
  const floor = await bareNodes(OURS.length);
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  const everything = treeOf(installation.rootPid).filter((pid) => !pids.includes(pid));
  return {
    rows: [
      { what: 'server + agent + router + HAProxy, memory (PSS)', value: sum(memory), unit: 'MiB', floor, aim: { most: 300 } },
      ...names.map((name, n) => ({ what: `  ${name}`, value: memory[n] as number, unit: 'MiB' })),
      { what: 'the same as resident memory (RSS)', value: sum(pids.map(rssMib)), unit: 'MiB' },
      { what: 'server + agent + router + HAProxy, of one core', value: sum(cpu), unit: '%', aim: { most: 1 } },
      ...names.map((name, n) => ({ what: `  ${name}`, value: cpu[n] as number, unit: '%' })),
      { what: 'the rest: launcher, Postgres, NATS, the sample', value: sum(everything.map(pssMib)), unit: 'MiB' },
    ],
    notes: [
      `After the sample's first run and ${REST_MS / 1000} s of rest, over ${WATCH_MS / 1000} s. PSS counts what processes share in part. Floor: ${OURS.length} bare Node.js processes.`,
    ],
  };
};

async function sampleRan(installation: Installation): Promise<void> {
  await eventually("the sample's first run", async () => {
    const { project } = await installation.api.query<{ project: { lastRun: { state: string } | null } | null }>(
      '{ project(name: "sample") { lastRun { state } } }',
    );
    return project?.lastRun?.state === 'SUCCEEDED';
  });
}

async function bareNodes(count: number): Promise<number> {
  const children = Array.from({ length: count }, () => spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' }));
  await sleep(1_000);
  const total = children.reduce((sum, { pid }) => sum + pssMib(pid as number), 0);
  for (const child of children) child.kill('SIGKILL');
  return total;
}
