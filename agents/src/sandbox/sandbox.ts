import type { JobLimits, SandboxFacts } from '@slipway/protocol';
import type { ProcessId } from './process-tree.js';

/** The user that a process runs as; null if the agent is a plain user and can't run anything as another user. */
export type SandboxUser = { uid: number; gid: number } | null;

/** A folder or file of the machine that a process may see. It sees nothing else, except the system (`/usr`, `/etc`). */
export type Mount = { source: string; target: string; writable: boolean };

/**
 * What a process can reach:
 * `slot`: the network of a job slot: outwards, but not the machine's loopback.
 * `ports`: as `slot`, and these ports, when the process listens on them, answer on the machine's 127.0.0.1.
 * Where the machine can't isolate (see `facts.network`), both are the machine's own network.
 */
export type SandboxNetwork = { kind: 'slot'; slot: number } | { kind: 'ports'; ports: number[] };

export type SandboxSpec = {
  /** Names the control group and marks the processes: {@link JOB_NAME_PREFIX} and the id of the attempt, or the id of the instance. Letters, digits and `-`. */
  name: string;
  user: SandboxUser;
  /** Program and arguments, as seen inside. */
  command: [string, ...string[]];
  /** Working directory, as seen inside: see {@link Sandbox.inside}. */
  cwd: string;
  /** The whole environment inside; nothing of the agent's is added. {@link Sandbox.baseEnv} is where to begin. */
  env: Record<string, string>;
  mounts: Mount[];
  limits: JobLimits;
  network: SandboxNetwork;
  /** From SIGTERM to SIGKILL, for what is stopped and for what the command leaves running; {@link GRACE_MS} if left out. */
  graceMs?: number;
};

/**
 * A command line that puts itself into the sandbox. Start it with exactly this environment, in any folder, and give it
 * `stdin` as its standard input up to the end of file (a pipe, or a file that only the agent can read: it holds the
 * environment, so secrets too). The process inside has an empty standard input. Output passes through.
 * The whole tree ends when this process or its parent does; start it under a keeper of its own where it is to outlive the agent.
 * It never forks on the way in, except where the sandbox needs it; its exit code is the command's (128 + n for signal n).
 */
export type SandboxedCommand = { command: string; args: string[]; env: Record<string, string>; stdin: Buffer };

export type Exit = {
  /** 128 + n when signal n ended it. */
  code: number;
  /** Whether the memory limit had a part in it. */
  outOfMemory: boolean;
  /** Whether a process could not be started for the limit of their number. */
  outOfProcesses: boolean;
  /** Command lines of processes that were still running when the command had ended, the first few; they have been ended. */
  left: string[];
};

export type RunOptions = {
  /** Standard output and error in the order in which they were written. A promise holds the pipe until it resolves; what is thrown ends the tree as `stop` does, and `run` throws it. */
  onOutput: (bytes: Uint8Array) => void | Promise<void>;
  /** Ends the whole tree, as {@link Sandbox.stop} does. */
  stop: AbortSignal;
};

export interface Sandbox {
  readonly facts: SandboxFacts;
  /** Whether `ports` can be isolated too; if not, instances share the machine's network. */
  readonly isolatesPorts: boolean;
  /** The user of a job slot (from 0), the same at each start. */
  userOfSlot(slot: number): SandboxUser;
  /** The user of an environment; `index` from 0 is for the caller to hand out and to remember, at most {@link MAX_ENVIRONMENT_USERS}. */
  userOfEnvironment(index: number): SandboxUser;
  /** `PATH`, `HOME` (as seen inside), `LANG` and what the operator lets through: the least that programs expect. */
  baseEnv(home: string): Record<string, string>;
  /** Where a process inside sees this mount: its target, or the source itself on a machine without a sandbox. */
  inside(mount: Mount): string;
  /** Makes the folder (0700) if missing and gives it to the user, not what is in it. */
  makeOwned(folder: string, user: SandboxUser): Promise<void>;
  /** Makes the control group and the command line. May be called again for the same name. */
  prepare(spec: SandboxSpec): Promise<SandboxedCommand>;
  /** Runs to the end, or until stopped. When this resolves, nothing that it started is left. */
  run(spec: SandboxSpec, options: RunOptions): Promise<Exit>;
  /**
   * Asks every process inside to end (SIGTERM), leaves them the grace time, then does as {@link destroy}. Those that build the sandbox are left
   * alone until then. `root` is the process of the {@link SandboxedCommand}. `beforeKill` is called, and awaited, when the grace time is over
   * and something still runs.
   */
  stop(name: string, root: ProcessId, graceMs: number, beforeKill?: () => Promise<void>): Promise<void>;
  /** Whether limits contributed to the end of something with this name. Available until it is destroyed. */
  ranOut(name: string): Promise<Pick<Exit, 'outOfMemory' | 'outOfProcesses'>>;
  /** What processes under this name hold on the disk of this folder in files that have no name any more. */
  unnamedBytes(name: string, folder: string): Promise<number>;
  /** SIGKILL for every process under this name, daemons included, then the control group is removed. Harmless to repeat. */
  destroy(name: string, root: ProcessId | null): Promise<void>;
  /** Ends the networks of the slots. What runs with `ports` goes on. */
  close(): Promise<void>;
}

/** Names of jobs begin with this, names of instances do not: instances outlive the agent, so they are not leftovers of a killed one. */
export const JOB_NAME_PREFIX = 'job-';
export const MAX_ENVIRONMENT_USERS = 400;
/** How long programs have to write reports, close databases and notify others. */
export const GRACE_MS = 10_000;

/** Distinguishes a process without a name from a later one with the same number. */
export type { ProcessId } from './process-tree.js';
