import { realpathSync } from 'node:fs';
import { join, relative } from 'node:path';
import { underFirstProcess } from './first-process.js';
import { GRACE_MS, type SandboxedCommand, type SandboxSpec } from './sandbox.js';

/**
 * How the words of a sandboxed command line come together. From the outside in:
 * join the control group → mount what the user can't walk to → become the user → enter the network → bubblewrap → the first process → the command.
 * Up to bubblewrap each replaces itself by the next (`exec`), so that one process number stays the same all the way.
 */
export type CommandParts = {
  /** Files to write the own process number to. */
  joinFiles: string[];
  /** Mounted first, in a mount namespace of its own: `[source, point]`. */
  bridges: [string, string][];
  /** Becomes the user, with what it needs to make its network; nothing where the agent is that user. */
  user: string[];
  /**
   * Enters or makes the network. `shell`: where its program has rights over the network and doesn't hand on open files, what a shell inside does
   * first, and what it puts before bubblewrap.
   */
  network: { words: string[]; shell: { script: string; words: string[] } | null };
  /** Null: no sandbox. */
  bubblewrap: { program: string; args: string[] } | null;
  /** File with the filter of system calls; null: none. */
  filter: string | null;
  /** Limit of processes for where no control group gives one. */
  maxProcesses: number | null;
};

/** Should the machine run out of memory, a job is ended before the agent, the server or the database. Anybody may raise it. */
const FIRST_TO_GO = '{ echo 500 > /proc/self/oom_score_adj; } 2>/dev/null || true';

/** Descriptor on which bubblewrap reads its arguments: neither they nor the environment show in the list of processes. */
const ARGUMENTS_FD = 9;
export const FILTER_FD = 8;

export function sandboxedCommand(spec: SandboxSpec, parts: CommandParts): SandboxedCommand {
  const inner = parts.bubblewrap ? wrapped(spec, parts.bubblewrap.program, parts) : bare(spec, parts);
  const joined = parts.joinFiles.map((file) => `echo $$ > ${quoted(file)}`);
  const script = [...joined, FIRST_TO_GO, bridged(inner, parts.bridges)].join('\n');
  const stdin = parts.bubblewrap ? argumentsOf(spec, parts.bubblewrap.args, parts.filter !== null) : exportsOf(spec);
  return { command: '/bin/sh', args: ['-ec', script], env: { PATH: process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin' }, stdin };
}

/** The script in a mount namespace of its own, where the sources are seen at other places too. */
export function bridged(script: string, bridges: [string, string][]): string {
  if (bridges.length === 0) return script;
  const mounts = bridges.map(([source, point]) => `mount --bind ${quoted(source)} ${quoted(point)}`);
  return `exec unshare --mount -- /bin/sh -ec ${quoted([...mounts, script].join('\n'))}`;
}

function wrapped(spec: SandboxSpec, program: string, { user, network, maxProcesses, filter }: CommandParts): string {
  const inner = underFirstProcess(spec.command, spec.graceMs ?? GRACE_MS);
  const command = [program, '--args', `${ARGUMENTS_FD}`, '--', ...limited(maxProcesses), ...inner];
  const redirect = `${ARGUMENTS_FD}<&0 </dev/null${filter === null ? '' : ` ${FILTER_FD}<${quoted(filter)}`}`;
  if (!network.shell) return `exec ${words([...user, ...network.words, ...command])} ${redirect}`;
  // Only standard input comes through such a program; the redirection is for the shell behind it.
  return `exec ${words([...user, ...network.words, '/bin/sh', '-ec', `${network.shell.script}\nexec ${words([...network.shell.words, ...command])} ${redirect}`])}`;
}

/** Without bubblewrap the environment is set by a shell from its standard input: it must not be the environment of a `setpriv` that is root. */
function bare(spec: SandboxSpec, { user, maxProcesses }: CommandParts): string {
  const command = words([...limited(maxProcesses), ...spec.command]);
  const script = `exec 3>&-\neval "$(cat)"\ncd ${quoted(spec.cwd)}\nexec ${command} </dev/null`;
  return `exec ${words([...user, '/bin/sh', '-ec', script])}`;
}

const limited = (maxProcesses: number | null): string[] => (maxProcesses === null ? [] : ['prlimit', `--nproc=${maxProcesses}`, '--']);

function argumentsOf(spec: SandboxSpec, args: string[], filters: boolean): Buffer {
  const variables = Object.entries(spec.env).flatMap(([name, value]) => ['--setenv', name, value]);
  const filter = filters ? ['--seccomp', `${FILTER_FD}`] : [];
  return Buffer.from(
    [...args, ...filter, '--clearenv', ...variables, '--chdir', spec.cwd].map((word) => `${word.replaceAll('\0', '')}\0`).join(''),
  );
}

function exportsOf(spec: SandboxSpec): Buffer {
  const variables = Object.entries(spec.env).filter(([name]) => /^[A-Za-z_]\w*$/.test(name));
  return Buffer.from(variables.map(([name, value]) => `export ${name}=${quoted(value.replaceAll('\0', ''))}\n`).join(''));
}

export const words = (all: string[]): string => all.map(quoted).join(' ');

/** For a POSIX shell. */
const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** Where things are seen by a user who can't walk to all of them, and what has to be mounted for that. */
export class Bridges {
  private readonly points = new Map<string, string>();

  /**
   * @param closedUpTo the folder from which on the user can walk to a path; null: from the root on
   * @param pointOf an empty folder that the user can walk to
   */
  constructor(
    private readonly closedUpTo: (path: string) => string | null,
    private readonly pointOf: (index: number) => string,
  ) {}

  get list(): [string, string][] {
    return [...this.points];
  }

  /** Where the user sees this path. */
  seen(path: string): string {
    const folder = this.closedUpTo(path);
    if (folder === null) return path;
    const point = this.points.get(folder) ?? this.pointOf(this.points.size);
    this.points.set(folder, point);
    return join(point, relative(folder, realpathSync(path)));
  }
}
