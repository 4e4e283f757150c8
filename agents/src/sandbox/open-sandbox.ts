import { chmod, chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobLimits, SandboxFacts } from '@slipway/protocol';
import { baseEnv } from './base-env.js';
import { closedNetworks, closingScript } from './closed-networks.js';
import { Bridges, type CommandParts, sandboxedCommand } from './command.js';
import { ControlGroups } from './control-groups.js';
import { askToEnd, killAll, until } from './ending.js';
import { closedUpTo, mountArguments, SupportFiles, systemArguments } from './files.js';
import { OutputPipes } from './output-pipes.js';
import { MARK, markOf, ownerOf } from './ownership.js';
import { type Abilities, probe } from './probe.js';
import {
  commandLineOf,
  insideOf,
  isAlive,
  markedWith,
  type ProcessId,
  signal,
  threadsOf,
  treeOf,
  withDescendants,
} from './process-tree.js';
import { runSandboxed } from './run-sandboxed.js';
import {
  type Exit,
  JOB_NAME_PREFIX,
  MAX_ENVIRONMENT_USERS,
  type Mount,
  type RunOptions,
  type Sandbox,
  type SandboxedCommand,
  type SandboxSpec,
  type SandboxUser,
} from './sandbox.js';
import { asUser, OWN_PROC, pastaWords, SlotNetwork } from './slot-network.js';
import { findTools, type Tools } from './tools.js';
import { withTunDevice } from './tun-device.js';
import { unnamedBytes } from './unnamed-files.js';

/** Between the ranges that systemd and Debian give out. */
const FIRST_UID = 60_600;
const MAX_SLOT_USERS = 100;
/** Processes of one pipeline end one after the other; what is still there after this long was left behind. */
const ENDING_MS = 100;
const MAX_NAMED = 10;

export type SandboxOptions = {
  /** The agent's folder; the sandbox keeps pipes and, for a plain user, support files in it. */
  agentDir: string;
  /** Names of the agent's variables that jobs get too. */
  passedEnv: string[];
  /** Lowest of the 500 user numbers that jobs and instances run as, when the agent is root. */
  firstUid?: number;
  /** Addresses and networks that are in reach of jobs and instances though they are not public. */
  openNetworks?: string[];
  /** Whether jobs of strangers' code run here though the machine can't hold them in. */
  takesUntrusted?: boolean;
  /** Whether jobs may make user namespaces, and so containers, of their own. */
  nesting?: boolean;
};

/** Finds out by trial what this machine allows, ends what an agent before left behind of its jobs, and opens the sandbox. */
export async function openSandbox(options: SandboxOptions): Promise<Sandbox> {
  const isRoot = process.getuid?.() === 0;
  await mkdir(options.agentDir, { recursive: true });
  // Jobs' users walk through it; what is not for them is in closed folders and files.
  await chmod(options.agentDir, 0o711);
  const owner = ownerOf(options.agentDir);
  const support = new SupportFiles(isRoot ? join('/run', `slipway-${owner}`) : join(options.agentDir, 'sandbox'));
  const groups = await ControlGroups.open(owner);
  const tools = findTools(process.env.PATH ?? '', process.execPath);
  const abilities = await probe({
    isRoot,
    uid: options.firstUid ?? FIRST_UID,
    hasGroups: groups !== null,
    support,
    agentDir: options.agentDir,
    filter: support.systemCallFilter(options.nesting ?? false),
    closing: closingScript(closedNetworks(options.openNetworks ?? [])),
    takesUntrusted: options.takesUntrusted ?? false,
  });
  const sandbox = new MachineSandbox(options, isRoot, owner, support, groups, abilities, tools);
  await sandbox.endLeftovers();
  return sandbox;
}

class MachineSandbox implements Sandbox {
  readonly pipes: OutputPipes;
  private readonly networks = new Map<number, Promise<SlotNetwork | null>>();
  private readonly systemArgs: string[];

  constructor(
    private readonly options: SandboxOptions,
    private readonly isRoot: boolean,
    private readonly owner: string,
    private readonly support: SupportFiles,
    private readonly groups: ControlGroups | null,
    private readonly abilities: Abilities,
    private readonly tools: Tools,
  ) {
    this.pipes = new OutputPipes(join(options.agentDir, 'pipes'));
    this.systemArgs = systemArguments();
  }

  get facts(): SandboxFacts {
    return this.abilities.facts;
  }

  get isolatesPorts(): boolean {
    return this.abilities.bubblewrap !== null && this.abilities.portProgram === 'pasta';
  }

  userOfSlot(slot: number): SandboxUser {
    return this.user(slot % MAX_SLOT_USERS);
  }

  userOfEnvironment(index: number): SandboxUser {
    if (index >= MAX_ENVIRONMENT_USERS)
      throw new RangeError(`Environment ${index} has no user: ${MAX_ENVIRONMENT_USERS} fit on one agent.`);
    return this.user(MAX_SLOT_USERS + index);
  }

  private user(offset: number): SandboxUser {
    if (!this.isRoot || !this.abilities.ownUsers) return null;
    const id = (this.options.firstUid ?? FIRST_UID) + offset;
    return { uid: id, gid: id };
  }

  baseEnv(home: string): Record<string, string> {
    return baseEnv({ path: this.tools.path, home, passed: this.options.passedEnv });
  }

  inside(mount: Mount): string {
    return this.abilities.bubblewrap ? mount.target : mount.source;
  }

  async makeOwned(folder: string, user: SandboxUser): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
    if (user) await chown(folder, user.uid, user.gid);
  }

  async prepare(spec: SandboxSpec): Promise<SandboxedCommand> {
    const network = await this.networkFor(spec);
    this.groups?.make(spec.name, spec.limits);
    const bridges = new Bridges(
      (path) => (this.abilities.bubblewrap ? closedUpTo(path, spec.user) : null),
      (index) => this.support.mountPoint(index),
    );
    const bubblewrap = this.bubblewrapFor(spec, bridges, network.isOwn);
    const marked = { ...spec, env: { ...spec.env, [MARK]: markOf(this.owner, spec.name) } };
    return sandboxedCommand(marked, {
      joinFiles: this.groups?.joinFiles(spec.name) ?? [],
      bridges: bridges.list,
      user: this.becoming(spec, network.isOwn),
      network: network.enter,
      bubblewrap,
      filter: this.abilities.filter,
      maxProcesses: this.groups || !this.abilities.prlimit ? null : this.processLimit(spec.limits),
    });
  }

  /** A slot's network is there already; an instance's is made by its user. */
  private becoming({ user, network }: SandboxSpec, ownNetwork: boolean): string[] {
    if (!this.abilities.setpriv) return [];
    return [...(ownNetwork && network.kind === 'ports' ? withTunDevice(user) : []), ...asUser(user)];
  }

  /** Without a sandbox and a user of its own, the limit counts every process of the agent's user: what is there is added. */
  private processLimit({ processes }: JobLimits): number | null {
    if (processes === null || this.abilities.bubblewrap !== null || this.abilities.ownUsers) return processes;
    return processes + threadsOf(process.getuid?.() ?? 0);
  }

  private bubblewrapFor({ user, mounts }: SandboxSpec, bridges: Bridges, ownNetwork: boolean): CommandParts['bubblewrap'] {
    if (!this.abilities.bubblewrap) return null;
    const tools = this.tools.folders.map((folder): Mount => ({ source: folder, target: folder, writable: false }));
    const seen = [...tools, ...mounts].map((mount) => ({ ...mount, source: bridges.seen(mount.source) }));
    const identity = this.support.identityOf(user);
    const uid = user?.uid ?? process.getuid?.() ?? 0;
    const gid = user?.gid ?? process.getgid?.() ?? 0;
    const args = [
      ...[
        '--unshare-user',
        '--uid',
        `${uid}`,
        '--gid',
        `${gid}`,
        '--unshare-pid',
        '--unshare-ipc',
        '--unshare-uts',
        '--hostname',
        'slipway',
      ],
      ...['--as-pid-1', '--new-session', '--die-with-parent', '--cap-drop', 'ALL'],
      ...this.systemArgs,
      ...['--ro-bind', identity.passwd, '/etc/passwd', '--ro-bind', identity.group, '/etc/group', '--tmpfs', '/tmp'],
      ...(ownNetwork ? this.support.nameServerArguments() : []),
      ...mountArguments(seen),
      ...['--remount-ro', '/'],
    ];
    return { program: bridges.seen(this.abilities.bubblewrap), args };
  }

  private async networkFor({ network, user }: SandboxSpec): Promise<{ enter: CommandParts['network']; isOwn: boolean }> {
    const machines = { enter: { words: [], shell: null }, isOwn: false };
    if (!this.abilities.bubblewrap) return machines;
    if (network.kind === 'ports') {
      if (!this.isolatesPorts) return machines;
      return { enter: { words: [...pastaWords(network.ports), '--'], shell: { script: this.closing(), words: OWN_PROC } }, isOwn: true };
    }
    const slot = await this.slotNetwork(network.slot, user);
    return slot ? { enter: { words: slot.entering, shell: null }, isOwn: true } : machines;
  }

  /** Made at first use, and again should its programs have died or the machine have other addresses. Never the machine's network once isolation was promised. */
  private async slotNetwork(slot: number, user: SandboxUser): Promise<SlotNetwork | null> {
    const program = this.abilities.slotProgram;
    if (!program) return null;
    const closing = this.closing();
    const known = await this.networks.get(slot)?.catch(() => null);
    if (known?.isUp && known.closing === closing) return known;
    await known?.close();
    const opening = SlotNetwork.open(program, user, closing);
    this.networks.set(slot, opening);
    return opening;
  }

  private closing(): string {
    const script = closingScript(closedNetworks(this.options.openNetworks ?? []));
    if (script === null) throw new Error('The networks of jobs can no longer be closed: the program ip is gone. Install iproute2.');
    return script;
  }

  run(spec: SandboxSpec, options: RunOptions): Promise<Exit> {
    return runSandboxed(this, spec, options);
  }

  async ranOut(name: string): Promise<Pick<Exit, 'outOfMemory' | 'outOfProcesses'>> {
    const outOfMemory = (await this.groups?.ranOutOfMemory(name)) ?? false;
    return { outOfMemory, outOfProcesses: (await this.groups?.ranOutOfProcesses(name)) ?? false };
  }

  async stop(name: string, root: ProcessId, graceMs: number, beforeKill?: () => Promise<void>): Promise<void> {
    const asked = askToEnd(() => this.members(name, root));
    // It is still starting, or only the first process is there: nobody can be asked.
    if (this.abilities.bubblewrap && asked < 2) signal(root, 'SIGTERM');
    const hasEnded = () => !isAlive(root) && this.members(name, root).length === 0;
    await until(hasEnded, graceMs);
    if (beforeKill && !hasEnded()) await beforeKill();
    await this.destroy(name, root);
  }

  async endRest(name: string, graceMs: number): Promise<string[]> {
    if (this.abilities.bubblewrap) return [];
    const rest = () => this.members(name, null);
    await until(() => rest().length === 0, ENDING_MS);
    const names = rest().map(commandLineOf).filter(Boolean).slice(0, MAX_NAMED);
    askToEnd(rest);
    await until(() => rest().length === 0, graceMs);
    return names;
  }

  /** What runs under this name, as far as it can be told. */
  private members(name: string, root: ProcessId | null): ProcessId[] {
    if (this.abilities.bubblewrap) return root ? insideOf(root) : [];
    const marked = this.marked(name);
    const known = new Set(marked.map(({ pid }) => pid));
    return [...(root ? treeOf(root) : []).filter(({ pid }) => !known.has(pid)), ...marked];
  }

  private marked(name: string): ProcessId[] {
    return markedWith(MARK, (value) => value === markOf(this.owner, name));
  }

  unnamedBytes(name: string, folder: string): Promise<number> {
    return unnamedBytes(folder, withDescendants(this.marked(name)));
  }

  async destroy(name: string, root: ProcessId | null): Promise<void> {
    if (root && isAlive(root)) for (const process of treeOf(root).reverse()) signal(process, 'SIGKILL');
    // With a process namespace everything inside ends with its first process; without, some may have left their parents.
    if (!this.abilities.bubblewrap) killAll(() => this.members(name, null));
    await this.groups?.destroy(name);
  }

  async endLeftovers(): Promise<void> {
    const prefix = markOf(this.owner, JOB_NAME_PREFIX);
    killAll(() => markedWith(MARK, (value) => value.startsWith(prefix)));
    const names = (await this.groups?.names()) ?? [];
    for (const name of names.filter((each) => each.startsWith(JOB_NAME_PREFIX))) await this.groups?.destroy(name);
  }

  async close(): Promise<void> {
    const open = await Promise.all([...this.networks.values()].map((network) => network.catch(() => null)));
    this.networks.clear();
    await Promise.all(open.map((network) => network?.close()));
    await this.pipes.close();
    // Instances that go on still have their groups, and use the files.
    if (await this.groups?.close()) this.support.remove();
  }
}
