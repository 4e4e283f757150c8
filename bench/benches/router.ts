import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { findHaproxy } from '../../scripts/services/haproxy.mjs';
import { onPath } from '../../scripts/services/run-command.mjs';
import type { Bench, Row } from '../lib/bench.ts';
import { cpuSeconds, pssMib } from '../lib/processes.ts';
import { Program } from '../lib/program.ts';
import { Router } from '../lib/router.ts';
import { median } from '../lib/statistics.ts';
import { freePort } from '../lib/wait.ts';

const CONNECTIONS = 32;
const SECONDS = 3;
/** Of each kind, one after the other, as a machine has good and bad seconds. */
const PAIRS = 5;
const REST_MS = 10_000;

type Measured = { perSecond: number; p99Ms: number };

/** HAProxy with the least configuration, and the router with its HAProxy, in turn, before the same application (a HAProxy that answers by itself). */
export const bench: Bench = async () => {
  const wrk = onPath('wrk');
  if (!wrk) throw new Error('The load is made by wrk, which is not installed. Install it ("apt-get install wrk"), then run this again.');
  await using plain = await PlainHaproxy.start();
  await using router = await Router.start();
  await router.routeTo(plain.application);
  const rows: Row[] = [];
  for (const [what, path, headers] of [
    ['1 KB, connections kept', '/1k', []],
    ['100 KB, connections kept', '/100k', []],
    ['1 KB, a connection each', '/1k', ['-H', 'Connection: close']],
  ] as const) {
    const [bare, ours] = await inTurn(
      () => load(wrk, plain.url + path, headers),
      () => load(wrk, router.url + path, headers),
    );
    const floor = median(bare.map(({ perSecond }) => perSecond));
    rows.push({ what, value: median(ours.map(({ perSecond }) => perSecond)), unit: 'requests/s', floor, aim: { ratio: 1 / 0.95 } });
    rows.push({
      what: `${what}, p99`,
      value: median(ours.map(({ p99Ms }) => p99Ms)),
      unit: 'ms',
      floor: median(bare.map(({ p99Ms }) => p99Ms)),
      aim: { ratio: 1.2 },
    });
  }
  await using echo = new Program('switch-app.ts', ['echo']);
  const { port } = (await echo.ready) as { port: number };
  await plain.routeTo(port);
  await router.routeTo({ releaseId: randomUUID(), instanceId: randomUUID(), host: '127.0.0.1', port, weight: 100 });
  const [bare, ours] = await inTurn(
    () => echoes(plain.url),
    () => echoes(router.url),
  );
  rows.push({
    what: 'web sockets, messages there and back',
    value: median(ours),
    unit: 'messages/s',
    floor: median(bare),
    aim: { ratio: 1 / 0.95 },
  });
  await sleep(REST_MS);
  const before = router.pids.map(cpuSeconds);
  await sleep(REST_MS);
  const cpu = router.pids.map((pid, n) => ((cpuSeconds(pid) - (before[n] ?? 0)) / (REST_MS / 1_000)) * 100);
  const memory = router.pids.map(pssMib);
  rows.push({ what: 'router and HAProxy at rest, memory (PSS)', value: memory.reduce((a, b) => a + b), unit: 'MiB', aim: { most: 60 } });
  for (const [n, name] of ['router', 'HAProxy'].entries()) {
    rows.push({ what: `  ${name}`, value: memory[n] ?? Number.NaN, unit: 'MiB' });
    rows.push({ what: `  ${name}, of one core`, value: cpu[n] ?? Number.NaN, unit: '%' });
  }
  return {
    rows,
    notes: [
      `wrk, ${CONNECTIONS} connections, ${SECONDS} s each, HAProxy alone and the router in turn, ${PAIRS} pairs; medians. The application is a HAProxy that answers by itself, so that the proxy is what is measured; all of it on the same cores. Floor: HAProxy with the least configuration, without a log.`,
    ],
  };
};

async function inTurn<T>(bare: () => Promise<T>, ours: () => Promise<T>): Promise<[T[], T[]]> {
  const measured: [T[], T[]] = [[], []];
  await bare(); // warm
  await ours();
  for (let n = 0; n < PAIRS; n++) {
    measured[0].push(await bare());
    measured[1].push(await ours());
  }
  return measured;
}

async function load(wrk: string, url: string, headers: readonly string[]): Promise<Measured> {
  const child = spawn(wrk, ['-t1', `-c${CONNECTIONS}`, `-d${SECONDS}s`, '--latency', ...headers, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  await once(child, 'close');
  const failed = /Non-2xx.*|Socket errors: (?!connect 0, read \d+, write 0, timeout 0).*/.exec(said);
  if (failed) throw new Error(`wrk at ${url}: ${failed[0]}`);
  const [, perSecond = ''] = /Requests\/sec:\s+([\d.]+)/.exec(said) ?? [];
  const [, p99 = '', unit = ''] = /99%\s+([\d.]+)(us|ms|s)/.exec(said) ?? [];
  return { perSecond: Number(perSecond), p99Ms: Number(p99) * ({ us: 0.001, ms: 1, s: 1_000 }[unit] ?? Number.NaN) };
}

/** Messages of 100 bytes on 32 web sockets, each sent when the last one has come back. */
async function echoes(url: string): Promise<number> {
  const sockets = Array.from({ length: CONNECTIONS }, () => new WebSocket(url.replace('http', 'ws')));
  await Promise.all(sockets.map((socket) => once(socket, 'open')));
  let count = 0;
  const message = Buffer.alloc(100, 'x');
  for (const socket of sockets) {
    socket.on('message', () => {
      count++;
      socket.send(message);
    });
    socket.send(message);
  }
  await sleep(SECONDS * 1_000);
  const perSecond = count / SECONDS;
  for (const socket of sockets) socket.terminate();
  return perSecond;
}

/** The application, and HAProxy with the least configuration before it. */
class PlainHaproxy implements AsyncDisposable {
  private readonly dir: string;
  private readonly program: string;
  private readonly ports: { application: number; proxy: number };
  private readonly children = new Map<string, ChildProcess>();

  private constructor(dir: string, program: string, ports: { application: number; proxy: number }) {
    this.dir = dir;
    this.program = program;
    this.ports = ports;
  }

  static async start(): Promise<PlainHaproxy> {
    const dir = await mkdtemp(join(tmpdir(), 'slipway-bench-haproxy-'));
    const ports = { application: await freePort(), proxy: await freePort() };
    await Promise.all([writeFile(join(dir, '1k'), 'x'.repeat(1_024)), writeFile(join(dir, '100k'), 'x'.repeat(102_400))]);
    const plain = new PlainHaproxy(dir, await findHaproxy({ say: () => undefined }), ports);
    await plain.run(
      'application',
      `global
  tune.bufsize 262144
${TIMEOUTS}
frontend application
  bind 127.0.0.1:${ports.application}
  http-request return status 200 content-type text/plain file ${join(dir, '1k')} if { path /1k }
  http-request return status 200 content-type text/plain file ${join(dir, '100k')}
`,
    );
    await plain.routeTo(ports.application);
    return plain;
  }

  get url(): string {
    return `http://127.0.0.1:${this.ports.proxy}`;
  }

  get application() {
    return { releaseId: randomUUID(), instanceId: randomUUID(), host: '127.0.0.1', port: this.ports.application, weight: 100 };
  }

  async routeTo(port: number): Promise<void> {
    await this.run(
      'proxy',
      `${TIMEOUTS}
frontend proxy
  bind :::${this.ports.proxy} v4v6
  default_backend application
backend application
  server one 127.0.0.1:${port}
`,
    );
  }

  /** Ends what ran by that name before. */
  private async run(name: string, configuration: string): Promise<void> {
    await end(this.children.get(name));
    const file = join(this.dir, `${name}.cfg`);
    await writeFile(file, configuration);
    this.children.set(name, spawn(this.program, ['-db', '-f', file], { stdio: 'ignore' }));
    await sleep(500);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.children.values()].map(end));
    await rm(this.dir, { recursive: true, force: true });
  }
}

const TIMEOUTS = `defaults
  mode http
  timeout connect 5s
  timeout client 1m
  timeout server 1m`;

async function end(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
