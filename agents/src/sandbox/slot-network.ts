import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { NETWORK } from './files.js';
import type { SandboxUser } from './sandbox.js';
import { withTunDevice } from './tun-device.js';

const READY_WAIT_MS = 5_000;

/** A program that gives a network namespace a way out, over its own user-mode network stack. */
export type NetworkProgram = 'slirp4netns' | 'pasta';

/** How to run a command as this user, from the agent. */
export function asUser(user: SandboxUser): string[] {
  if (user === null) return ['setpriv', '--pdeathsig', 'KILL', '--'];
  return ['setpriv', '--reuid', `${user.uid}`, '--regid', `${user.gid}`, '--clear-groups', '--pdeathsig', 'KILL', '--'];
}

/**
 * A network namespace that stays ready for one user, so that a process enters in a millisecond instead of waiting for a
 * network to be made. Outwards the public internet is open; the machine's loopback and what is closed are not in reach. Ends with the agent.
 */
export class SlotNetwork {
  private constructor(
    private readonly holder: ChildProcess,
    private readonly router: ChildProcess,
    /** What it was closed with. */
    readonly closing: string,
  ) {}

  /**
   * @param closing a script that closes networks; it holds before there is a way out
   * @throws when this machine can't.
   */
  static async open(program: NetworkProgram, user: SandboxUser, closing: string): Promise<SlotNetwork> {
    const unshared = ['unshare', '--user', '--net', '--map-current-user', '--keep-caps', '--'];
    const holder = start([...asUser(user), ...unshared, '/bin/sh', '-ec', `${closing}\nexec sleep infinity`]);
    try {
      const pid = await isReady(holder);
      const router = program === 'slirp4netns' ? await startSlirp(pid, user) : await startPasta(pid, user);
      return new SlotNetwork(holder, router, closing);
    } catch (error) {
      holder.kill('SIGKILL');
      throw error;
    }
  }

  get isUp(): boolean {
    return [this.holder, this.router].every((child) => child.exitCode === null && child.signalCode === null);
  }

  /** Put before a command that this user runs: enters the namespace, and holds no right over it. */
  get entering(): string[] {
    return ['nsenter', '--target', `${this.holder.pid}`, '--user', '--net', '--preserve-credentials', '--'];
  }

  async close(): Promise<void> {
    const ended = [this.router, this.holder].map((child) =>
      child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null,
    );
    this.router.kill('SIGKILL');
    this.holder.kill('SIGKILL');
    await Promise.all(ended);
  }
}

/** Ready when it has written to descriptor 3. */
async function startSlirp(pid: number, user: SandboxUser): Promise<ChildProcess> {
  const command = [
    'slirp4netns',
    '--configure',
    '--mtu=65520',
    '--disable-host-loopback',
    `--cidr=${NETWORK.cidr}`,
    '--ready-fd=3',
    `${pid}`,
    'tap0',
  ];
  const slirp = start([...withTunDevice(user), ...asUser(user), ...command], ['ignore', 'ignore', 'ignore', 'pipe']);
  await readyOrEnded(slirp, once(slirp.stdio[3] as NodeJS.ReadableStream, 'data'));
  return slirp;
}

/**
 * A network as slirp4netns makes it: the same addresses, name server and lack of IPv6.
 * @param ports of the machine's loopback that lead inwards
 */
export const pastaWords = (ports: number[]): string[] => [
  ...['pasta', '--config-net', '--no-map-gw', '--quiet', '--foreground', '--ipv4-only'],
  ...['--address', NETWORK.address, '--netmask', '24', '--gateway', NETWORK.gateway, '--dns-forward', NETWORK.nameServer],
  ...(ports.length === 0 ? ['-t', 'none'] : ports.flatMap((port) => ['-t', `127.0.0.1/${port}`])),
  ...['-u', 'none', '-T', 'none', '-U', 'none'],
];

/** pasta has a process namespace of its own but the machine's `/proc`, where bubblewrap can't find its child. */
export const OWN_PROC = ['unshare', '--user', '--map-current-user', '--pid', '--fork', '--kill-child', '--mount-proc', '--'];

/** Ready when it goes to the background; it is kept in the foreground here, so its interface is looked for instead. */
async function startPasta(pid: number, user: SandboxUser): Promise<ChildProcess> {
  const pasta = start([...withTunDevice(user), ...asUser(user), ...pastaWords([]), `${pid}`]);
  await readyOrEnded(pasta, interfaceIn(pid));
  return pasta;
}

async function interfaceIn(pid: number): Promise<void> {
  const hasInterface = () =>
    readFileSync(`/proc/${pid}/net/dev`, 'utf8')
      .split('\n')
      .slice(2)
      .some((line) => /^\s*(?!lo:)\w+:/.test(line));
  while (!hasInterface()) await delay(5);
}

/** The namespaces and their routes come before the program that waits in them, so its name tells that they are made. */
async function isReady(holder: ChildProcess): Promise<number> {
  const { pid } = holder;
  if (pid === undefined) throw new Error('setpriv is missing.');
  const own = readlinkSync('/proc/self/ns/net');
  const waits = async () => {
    while (readFileSync(`/proc/${pid}/comm`, 'utf8').trim() !== 'sleep') await delay(1);
    if (readlinkSync(`/proc/${pid}/ns/net`) === own) throw new Error('no namespace was made');
  };
  await readyOrEnded(holder, waits());
  return pid;
}

async function readyOrEnded(child: ChildProcess, ready: Promise<unknown>): Promise<void> {
  const name = child.spawnargs.join(' ');
  const waiting = new AbortController();
  const outcome = await Promise.race([
    ready.then(
      () => 'ready',
      (error) => String(error),
    ),
    once(child, 'exit', { signal: waiting.signal }).then(
      ([code]) => `it ended with ${code}`,
      (error) => String(error),
    ),
    delay(READY_WAIT_MS, 'it took too long', { signal: waiting.signal }).catch(() => ''),
  ]);
  waiting.abort();
  if (outcome === 'ready') return;
  child.kill('SIGKILL');
  throw new Error(`${name}: ${outcome}.`);
}

function start([program = '', ...args]: string[], stdio: ('ignore' | 'pipe')[] = ['ignore', 'ignore', 'ignore']): ChildProcess {
  const child = spawn(program, args, { stdio, detached: true, cwd: '/', env: { PATH: process.env.PATH } });
  child.on('error', () => {}); // seen as "not ready" by who waits for it
  return child;
}
