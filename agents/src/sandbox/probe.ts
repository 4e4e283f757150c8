import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { SandboxFacts } from '@slipway/protocol';
import { Bridges, bridged, FILTER_FD, words } from './command.js';
import { closedUpTo, type SupportFiles, systemArguments } from './files.js';
import type { SandboxUser } from './sandbox.js';
import { asUser, type NetworkProgram, OWN_PROC, pastaWords, SlotNetwork } from './slot-network.js';
import { findProgram } from './tools.js';
import { withTunDevice } from './tun-device.js';

const TRIAL_MS = 5_000;
/** The first that works is taken. */
const NETWORK_PROGRAMS = ['slirp4netns', 'pasta'] as const;
/** A command that is on every machine. */
const NOTHING = ['/bin/sh', '-c', ':'];
const run = promisify(execFile);

/** What has been found to work on this machine. */
export type Abilities = {
  /** Where the program is; null: it can't be used. */
  bubblewrap: string | null;
  /** Each slot and environment has a user of its own. */
  ownUsers: boolean;
  setpriv: boolean;
  prlimit: boolean;
  /** File with the filter of system calls; null: there is none for this machine. */
  filter: string | null;
  slotProgram: NetworkProgram | null;
  /** For instances: the network must outlive the agent, and let one port in. */
  portProgram: 'pasta' | null;
  facts: SandboxFacts;
};

export type ProbeOptions = {
  isRoot: boolean;
  uid: number;
  hasGroups: boolean;
  support: SupportFiles;
  agentDir: string;
  /** See {@link SupportFiles.systemCallFilter}. */
  filter: string | null;
  /** See {@link closingScript}. */
  closing: string | null;
  takesUntrusted: boolean;
};

/** Tries everything once: a program that is installed may still not be allowed to do its work. */
export async function probe({
  isRoot,
  uid,
  hasGroups,
  support,
  agentDir,
  filter,
  closing,
  takesUntrusted,
}: ProbeOptions): Promise<Abilities> {
  const has = (program: string): boolean => findProgram(program, process.env.PATH ?? '') !== null;
  const setpriv = has('setpriv') && (await succeeds(['setpriv', '--pdeathsig', 'KILL', '--', ...NOTHING]));
  const user: SandboxUser = isRoot && setpriv ? { uid, gid: uid } : null;
  const program = setpriv || !isRoot ? findProgram('bwrap', process.env.PATH ?? '') : null;
  const bubblewrapError = await bubblewrapTrial(program, user, setpriv, { support, filter });
  const bubblewrap = bubblewrapError === null ? program : null;
  const [slotProgram, ports] =
    bubblewrap !== null && setpriv ? await Promise.all([slotTrial(has, user, closing), portTrial(has, user, closing)]) : [null, false];
  const ownUsers = user !== null && (bubblewrap !== null || closedUpTo(agentDir, user) === null);
  const facts: SandboxFacts = {
    mode: bubblewrap ? 'sandboxed' : 'unsandboxed',
    limits: hasGroups ? 'enforced' : 'not_enforced',
    network: slotProgram ? 'isolated' : 'host',
    untrusted: takesUntrusted || (bubblewrap !== null && slotProgram !== null),
    notes: notesOf({
      bubblewrapError,
      ownUsers,
      hasGroups,
      slotProgram,
      ports,
      installed: NETWORK_PROGRAMS.filter(has),
      closes: closing !== null,
      filters: filter !== null,
    }),
  };
  return { bubblewrap, ownUsers, setpriv, prlimit: has('prlimit'), filter, slotProgram, portProgram: ports ? 'pasta' : null, facts };
}

async function succeeds([program = '', ...args]: string[]): Promise<boolean> {
  return run(program, args, { timeout: TRIAL_MS, cwd: '/' }).then(
    () => true,
    () => false,
  );
}

/** Only the value that it has is written to the kernel's setting: harmless even where the sandbox turns out not to hold. */
const ESCAPES =
  'PATH=/usr/local/bin:/usr/bin:/bin; key=/proc/sys/kernel/core_uses_pid; value=$(cat $key); if (echo "$value" > $key) 2>/dev/null; then exit 41; fi; test $(id -u) = "$0"';

/** Null: it holds. Else why not. */
async function bubblewrapTrial(
  program: string | null,
  user: SandboxUser,
  setpriv: boolean,
  { support, filter }: Pick<ProbeOptions, 'support' | 'filter'>,
): Promise<string | null> {
  if (!program) return 'bubblewrap (bwrap) is not installed';
  const identity = support.identityOf(user);
  const bridges = new Bridges(
    (path) => closedUpTo(path, user),
    (index) => support.mountPoint(index),
  );
  const files = [...systemArguments(), '--ro-bind', identity.passwd, '/etc/passwd', '--tmpfs', '/tmp'];
  const isolation = ['--unshare-user', '--unshare-pid', '--new-session', '--die-with-parent', '--cap-drop', 'ALL'];
  const uid = user?.uid ?? process.getuid?.() ?? 0;
  const command = [
    ...(setpriv ? asUser(user) : []),
    bridges.seen(program),
    ...isolation,
    ...files,
    ...(filter === null ? [] : ['--seccomp', `${FILTER_FD}`]),
    '--',
    '/bin/sh',
    '-c',
    ESCAPES,
    `${uid}`,
  ];
  try {
    await run('/bin/sh', ['-ec', bridged(`exec ${words(command)}${filter === null ? '' : ` ${FILTER_FD}<${filter}`}`, bridges.list)], {
      timeout: TRIAL_MS,
      cwd: '/',
    });
    return null;
  } catch (error) {
    const { code, stderr, message } = error as Error & { code?: number; stderr?: string };
    return code === 41
      ? 'bubblewrap does not keep jobs from writing kernel settings'
      : `bubblewrap does not work here (${(stderr || message).trim()})`;
  }
}

async function slotTrial(has: (program: string) => boolean, user: SandboxUser, closing: string | null): Promise<NetworkProgram | null> {
  if (!has('nsenter') || !has('unshare') || closing === null) return null;
  for (const program of NETWORK_PROGRAMS.filter(has)) {
    const network = await SlotNetwork.open(program, user, closing).catch(() => null);
    const works = network !== null && (await succeeds([...asUser(user), ...network.entering, ...NOTHING]));
    await network?.close();
    if (works) return program;
  }
  return null;
}

async function portTrial(has: (program: string) => boolean, user: SandboxUser, closing: string | null): Promise<boolean> {
  if (!has('pasta') || closing === null) return false;
  return succeeds([
    ...withTunDevice(user),
    ...asUser(user),
    ...pastaWords([]),
    '--',
    '/bin/sh',
    '-ec',
    `${closing}\nexec ${words([...OWN_PROC, ...NOTHING])}`,
  ]);
}

type Seen = {
  bubblewrapError: string | null;
  ownUsers: boolean;
  hasGroups: boolean;
  slotProgram: NetworkProgram | null;
  ports: boolean;
  installed: NetworkProgram[];
  closes: boolean;
  filters: boolean;
};

function notesOf({ bubblewrapError, ownUsers, hasGroups, slotProgram, ports, installed, closes, filters }: Seen): string[] {
  const notes: string[] = [];
  if (bubblewrapError) {
    const whose = ownUsers ? "as users of their own, but see this machine's files" : "as the agent's own user, and can read its keys";
    notes.push(`Jobs run unsandboxed ${whose}: ${bubblewrapError}. Install bubblewrap, and allow user namespaces.`);
  }
  if (!bubblewrapError && !filters)
    notes.push(`System calls of jobs are not filtered: there is no filter for this processor (${process.arch}).`);
  if (!hasGroups)
    notes.push(
      "Limits on CPU and memory are not enforced: the agent can't write control groups. Run it as root, or delegate cpu, memory and pids to it.",
    );
  if (!bubblewrapError && !slotProgram)
    notes.push(
      `Jobs can reach this machine's own network, including services on its loopback. ${remedyOf(installed, closes, 'Install slirp4netns or passt.')}`,
    );
  if (!bubblewrapError && !ports) {
    const remedy = remedyOf(
      installed.filter((program) => program === 'pasta'),
      closes,
      'Install passt (pasta) to keep them apart.',
    );
    notes.push(`Deployed applications share this machine's network. ${remedy}`);
  }
  return notes;
}

const remedyOf = (installed: NetworkProgram[], closes: boolean, install: string): string => {
  if (!closes) return "Install iproute2 (ip): without it private networks can't be closed.";
  return installed.length === 0
    ? install
    : `${installed.join(' and ')} can't make a network here: allow user namespaces, and read and write access to /dev/net/tun.`;
};
