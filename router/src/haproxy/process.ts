import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RouteOptions, shorten } from '@slipway/protocol';
import { type Server, serverLine } from './configuration.js';
import { RuntimeSocket } from './runtime-socket.js';

const READY_WITHIN_MS = 10_000;
const LOOK_MS = 2;
const SHOWN_ERRORS = 2_000;

/**
 * Has all threads of HAProxy come to rest for a moment, and then finds no such server. One of them may have chosen a server for a request just before
 * it was taken out, and not have counted it there yet: from here on, an instance without requests gets none any more.
 */
const BARRIER = 'del server';

export type ServerCounts = { sessions: number; streams: number };
type KnownServer = Server & { inMaintenance: boolean };

/** HAProxy did not start; the message says why in its words. */
export class NotStarted extends Error {}

/**
 * One HAProxy: `<number>.cfg` is what it was started with, `<number>.sock` its runtime API. Several run side by side while earlier ones finish
 * what they have in hand; every change of servers is made in all of them.
 */
export class HaproxyProcess {
  private readonly servers = new Map<string, Map<string, KnownServer>>();
  /** It has not answered a command. */
  private isUnsure = false;

  private constructor(
    readonly number: number,
    readonly pid: number,
    readonly version: string,
    /** It takes no new connections any more. */
    public stopping: boolean,
    private readonly runtime: RuntimeSocket,
  ) {}

  /** Resolves when the process has ended. */
  get ended(): Promise<void> {
    return this.runtime.ended;
  }

  /**
   * Starts one. With `from`, it gets the listening sockets of that one, which goes on as it is.
   * @throws NotStarted
   */
  static async start(
    dir: string,
    number: number,
    options: { program: string; from: HaproxyProcess | null; log: number },
  ): Promise<HaproxyProcess> {
    const sockets = options.from ? ['-x', socketName(options.from.number)] : [];
    const errors = join(dir, 'haproxy.log');
    const output = openSync(errors, 'w', 0o600);
    const child = spawn(options.program, ['-db', '-f', join(dir, `${number}.cfg`), ...sockets], {
      cwd: dir,
      detached: true,
      stdio: ['ignore', output, output, options.log],
    });
    closeSync(output);
    child.unref();
    const failed = Promise.race([once(child, 'exit'), once(child, 'error')]);
    let over = false;
    failed.then(
      () => {
        over = true;
      },
      () => {
        over = true;
      },
    );
    for (const giveUpAt = performance.now() + READY_WITHIN_MS; !over && performance.now() < giveUpAt; await sleep(LOOK_MS)) {
      const process = await HaproxyProcess.adopt(dir, number);
      if (process) return process;
    }
    child.kill('SIGKILL');
    await failed.catch(() => undefined); // what it holds is free only then
    throw new NotStarted(`HAProxy did not start: ${await alertsIn(errors)}`);
  }

  /** Takes over one that runs. Null: there is none of that number. */
  static async adopt(dir: string, number: number): Promise<HaproxyProcess | null> {
    const runtime = await RuntimeSocket.open(join(dir, socketName(number))).catch(() => null);
    if (!runtime) return null;
    const info = new Map((await runtime.ask('show info')).split('\n').map((line) => line.split(': ') as [string, string]));
    const process = new HaproxyProcess(number, Number(info.get('Pid')), info.get('Version') ?? '', info.get('Stopping') === '1', runtime);
    await process.learnServers();
    return process;
  }

  /**
   * Makes the servers of one environment match `wanted`; any other server gets no new requests. It is not an error if this process does not have the
   * environment.
   */
  async sync(environmentId: string, wanted: readonly Server[], options: RouteOptions): Promise<void> {
    if (this.isUnsure) await this.learnServers();
    const known = this.servers.get(environmentId);
    if (!known) return;
    const names = new Set(wanted.map(({ name }) => name));
    const leaving = [...known.values()].filter(({ name, inMaintenance }) => !names.has(name) && !inMaintenance);
    // First add, then remove: in between, both serve.
    const commands = [
      ...wanted.flatMap((server) => commandsFor(environmentId, known.get(server.name), server, options)),
      ...leaving.map(({ name }) => `set server ${environmentId}/${name} state maint`),
      ...(leaving.length > 0 ? [`${BARRIER} ${environmentId}/none`] : []),
    ];
    this.isUnsure = true;
    await this.runtime.askAll(commands);
    this.isUnsure = false;
    for (const server of wanted) known.set(server.name, { ...server, inMaintenance: false });
    for (const server of leaving) server.inMaintenance = true;
  }

  /** Sends nothing more to an instance whose process has ended, even though it is still listed. */
  async takeOut(environmentId: string, name: string): Promise<void> {
    const server = this.servers.get(environmentId)?.get(name);
    if (!server || server.inMaintenance) return;
    await this.runtime.ask(`set server ${environmentId}/${name} state maint`);
    server.inMaintenance = true;
  }

  async setMap(file: string, entries: readonly [string, string | null][]): Promise<void> {
    const present = new Set((await this.runtime.ask(`show map ${file}`)).split('\n').map((line) => line.split(' ')[1]));
    await this.runtime.askAll(
      entries.flatMap(([key, value]) => {
        if (value === null) return present.has(key) ? [`del map ${file} ${key}`] : [];
        return [`${present.has(key) ? 'set' : 'add'} map ${file} ${key} ${value}`];
      }),
    );
  }

  /** By the server's name. */
  async counts(environmentId: string): Promise<Map<string, ServerCounts>> {
    const known = this.servers.get(environmentId);
    if (!known || known.size === 0) return new Map();
    const [stat = '', table = ''] = await this.runtime.askAll([`show stat ${environmentId} 4 -1`, 'show table streams']);
    const [head = '', ...rows] = stat.split('\n');
    const [name, sessions] = ['svname', 'scur'].map((column) => head.replace('# ', '').split(',').indexOf(column)) as [number, number];
    const streams = new Map([...table.matchAll(/key=(\S+) .*conn_cur=(\d+)/g)].map(([, key, current]) => [key as string, Number(current)]));
    return new Map(
      rows
        .map((row) => row.split(','))
        .filter((fields) => fields.length > sessions)
        .map((fields) => [fields[name] ?? '', { sessions: Number(fields[sessions]), streams: streams.get(fields[name] ?? '') ?? 0 }]),
    );
  }

  async cut(environmentId: string, name: string): Promise<void> {
    if (this.servers.get(environmentId)?.has(name)) await this.runtime.ask(`shutdown sessions server ${environmentId}/${name}`);
  }

  environments(): string[] {
    return [...this.servers.keys()];
  }

  serversOf(environmentId: string): string[] {
    return [...(this.servers.get(environmentId)?.keys() ?? [])];
  }

  /** How many servers are kept that nothing is sent to: they go with the process. */
  get leftOvers(): number {
    return [...this.servers.values()].flatMap((known) => [...known.values()]).filter(({ inMaintenance }) => inMaintenance).length;
  }

  /** Whether no client is connected. */
  async isIdle(): Promise<boolean> {
    const info = await this.runtime.ask('show info');
    return /^CurrConns: 0$/m.test(info);
  }

  /** Whether it works on nothing; clients may be connected. */
  async isDone(): Promise<boolean> {
    const counts = await Promise.all(this.environments().map((environmentId) => this.counts(environmentId)));
    return counts.every((servers) => [...servers.values()].every(({ sessions }) => sessions === 0));
  }

  /** Frees its ports; what it has in hand goes on, and it stays until it is let go. */
  softStop(): void {
    this.stopping = true;
    kill(this.pid, 'SIGUSR1');
  }

  /** One that is stopping and has nothing left ends by this; any other goes on. */
  letGo(): void {
    this.runtime.close();
  }

  end(): void {
    kill(this.pid, 'SIGKILL');
  }

  private async learnServers(): Promise<void> {
    const [state = '', backends = ''] = await this.runtime.askAll(['show servers state', 'show backend']);
    this.isUnsure = false;
    for (const name of backends.split('\n')) if (isEnvironment(name)) this.servers.set(name, new Map());
    for (const line of state.split('\n')) {
      const [, backend = '', , name = '', host = '', , admin, weight, , , , , , , , , , , port] = line.split(' ');
      this.servers
        .get(backend)
        ?.set(name, { name, host, port: Number(port), weight: Number(weight), inMaintenance: (Number(admin) & 1) === 1 });
    }
  }
}

function commandsFor(environmentId: string, known: KnownServer | undefined, server: Server, options: RouteOptions): string[] {
  const at = `${environmentId}/${server.name}`;
  if (!known) {
    const [, ...line] = serverLine(server, options).split(' ');
    return [`add server ${at} ${line.join(' ')}`, `enable health ${at}`, `set server ${at} state ready`];
  }
  return [
    ...(known.host !== server.host || known.port !== server.port ? [`set server ${at} addr ${server.host} port ${server.port}`] : []),
    ...(known.weight !== server.weight ? [`set server ${at} weight ${server.weight}`] : []),
    ...(known.inMaintenance ? [`set server ${at} state ready`] : []),
  ];
}

export const socketName = (number: number): string => `${number}.sock`;

function isEnvironment(backend: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(backend);
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function alertsIn(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const alerts = text.split('\n').filter((line) => line.startsWith('[ALERT]'));
  return shorten((alerts.length > 0 ? alerts : [text]).join(' '), SHOWN_ERRORS) || 'it ended without a word.';
}
