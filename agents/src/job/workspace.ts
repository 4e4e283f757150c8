import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkout, JobLimits } from '@slipway/protocol';
import { endOf, shorten } from '@slipway/protocol';
import { DiskWatch } from '../sandbox/disk-watch.js';
import { HOME_INSIDE } from '../sandbox/files.js';
import { removeTree } from '../sandbox/remove-tree.js';
import type { Mount, Sandbox, SandboxSpec, SandboxUser } from '../sandbox/sandbox.js';
import { writeScript } from '../shell/script-file.js';
import { Infrastructure } from './job-failure.js';
import { giveTo, makeJobRepository } from './job-repository.js';
import { copyIndex, type KeptPlace } from './kept-checkouts.js';
import { COUNT_POINTERS, MAKE_NEW, POINTERS } from './make-new.js';
import type { Mirror } from './mirror.js';
import type { Done, ProgramRun, WorkspaceProgram } from './workspace-program.js';

/** Which user, folder and network a job gets; one job at a time. */
export type Slot = { index: number; folder: string };

export type WorkspaceDeps = { sandbox: Sandbox; program: WorkspaceProgram; slot: Slot };

export type CheckOutFrom = {
  mirror: Mirror;
  kept: KeptPlace | null;
  /** Address that the job's repository names as its origin. */
  origin: string;
  stop: AbortSignal;
};

/** `isReused`: made from what an earlier job left. `lfsPointers`: files whose content Git LFS would have to bring. */
type CheckedOut = { isReused: boolean; lfsPointers: number };

/**
 * The folders of one attempt: its work, home and temporary files, all new, owned by the job's user and removed at the end. Whatever a job wrote is
 * hostile, so the agent never runs Git or anything else in them.
 */
export class Workspace implements AsyncDisposable {
  readonly user: SandboxUser;
  private mirror: Mount | null = null;
  /** Where the working folder goes in the end; set once it holds a whole checkout. */
  private kept: KeptPlace | null = null;

  private constructor(
    private readonly sandbox: Sandbox,
    private readonly program: WorkspaceProgram,
    private readonly slot: Slot,
    private readonly name: string,
    private readonly folder: string,
  ) {
    this.user = sandbox.userOfSlot(slot.index);
  }

  static async make({ sandbox, program, slot }: WorkspaceDeps, name: string): Promise<Workspace> {
    await mkdir(slot.folder, { recursive: true, mode: 0o711 });
    // One job at a time: anything else here was left by a killed agent.
    await removeFolder(slot.folder, { keepItself: true });
    const workspace = new Workspace(sandbox, program, slot, name, join(slot.folder, name));
    await mkdir(workspace.folder, { mode: 0o711 });
    for (const { source } of workspace.owned) await sandbox.makeOwned(source, workspace.user);
    await mkdir(workspace.scripts.source, { mode: 0o711 });
    return workspace;
  }

  /** Over all that the job can write to. */
  watchDisk(limitMib: number): DiskWatch {
    const { sandbox, name, folder } = this;
    return new DiskWatch({ folder, limitMib, unnamedBytes: () => sandbox.unnamedBytes(name, folder) });
  }

  /** The working folder as the agent sees it. */
  get path(): string {
    return join(this.folder, 'work');
  }

  private get work(): Mount {
    return { source: this.path, target: '/workspace', writable: true };
  }

  private get home(): Mount {
    return { source: join(this.folder, 'home'), target: HOME_INSIDE, writable: true };
  }

  private get temporary(): Mount {
    return { source: join(this.folder, 'tmp'), target: '/tmp', writable: true };
  }

  /** The agent's own: a job reads its scripts there, and writes nothing. */
  private get scripts(): Mount {
    return { source: join(this.folder, 'steps'), target: '/slipway/steps', writable: false };
  }

  private get owned(): Mount[] {
    return [this.work, this.home, this.temporary];
  }

  /** @returns where a command in here finds the script */
  async putScript(name: string, text: string): Promise<string> {
    await writeScript(this.scripts.source, name, text, this.user);
    return join(this.sandbox.inside(this.scripts), name);
  }

  /** `PATH` of commands that set none of their own. */
  get searchPath(): string {
    return this.sandbox.baseEnv('').PATH ?? '';
  }

  /** What runs a command in here; `cwd` is relative to the working folder. */
  spec(
    command: SandboxSpec['command'],
    { cwd = '.', env, limits }: { cwd?: string; env: Record<string, string>; limits: JobLimits },
  ): SandboxSpec {
    const { sandbox } = this;
    const base = { ...sandbox.baseEnv(sandbox.inside(this.home)), TMPDIR: sandbox.inside(this.temporary), CI: 'true' };
    return {
      name: this.name,
      user: this.user,
      command,
      cwd: join(sandbox.inside(this.work), cwd),
      env: { ...base, ...env },
      mounts: [...this.owned, this.scripts, ...(this.mirror ? [this.mirror] : [])],
      limits,
      network: { kind: 'slot', slot: this.slot.index },
    };
  }

  /** Has the program that works on the job's files do something in the working folder. */
  run(run: Omit<ProgramRun, 'sandbox' | 'place'>): Promise<Done> {
    const { sandbox, name, user, work, slot } = this;
    const place = { name, user, cwd: sandbox.inside(work), mounts: [work], network: { kind: 'slot', slot: slot.index } as const };
    return this.program.run({ ...run, sandbox, place: { ...place, exchange: join(this.folder, 'exchange') } });
  }

  /**
   * The files of a commit, as a repository whose history is the mirror's, read-only. Git runs as the job's user, in the
   * sandbox: attributes and filters of the repository can do no more than the job.
   * @param kept a checkout that an earlier job left is made to be this commit, and this one is left for the next
   */
  async checkOut(checkout: Checkout, from: CheckOutFrom): Promise<CheckedOut> {
    const { mirror, kept } = from;
    this.mirror = { source: mirror.folder, target: '/slipway/mirror.git', writable: false };
    const reused = (await kept?.takeInto(this.path)) ? await this.reuse(checkout, from) : null;
    const said = reused ?? (await this.checkOutAnew(checkout, from));
    await kept?.saveIndex(join(this.path, '.git/index'));
    this.kept = kept;
    return { isReused: reused !== null, lfsPointers: Number(new RegExp(`^${POINTERS} (\\d+)$`, 'm').exec(said)?.[1] ?? 0) };
  }

  private async checkOutAnew(checkout: Checkout, from: CheckOutFrom): Promise<string> {
    await this.makeRepository(checkout, from);
    const { code, said } = await this.git(`git reset --hard --quiet\n${COUNT_POINTERS}`, from.stop);
    if (code !== 0) throw new Infrastructure('checkout_failed', `The files of ${shorten(checkout.sha, 10)} could not be written: ${said}`);
    return said;
  }

  /** @returns what Git said; null when an earlier job has left it such that Git can't make it new; it is gone then */
  private async reuse(checkout: Checkout, from: CheckOutFrom): Promise<string | null> {
    const { kept, stop } = from;
    await removeTree(join(this.path, '.git'));
    await this.makeRepository(checkout, from);
    const index = join(this.path, '.git/index');
    await copyIndex(kept?.index ?? '', index);
    await giveTo(this.user, index);
    const { code, said } = await this.git(`${MAKE_NEW}\n${COUNT_POINTERS}`, stop);
    if (code === 0) return said;
    await kept?.forget();
    await removeTree(this.path);
    await this.sandbox.makeOwned(this.path, this.user);
    return null;
  }

  private async git(script: string, stop: AbortSignal): Promise<{ code: number; said: string }> {
    const limits = { cpuCores: null, memoryMib: null, processes: null };
    let said = '';
    const onOutput = (bytes: Uint8Array) => {
      said = endOf(said + Buffer.from(bytes).toString(), 4096);
    };
    const { code } = await this.sandbox.run(this.spec(['/bin/sh', '-e', '-c', script], { env: {}, limits }), { stop, onOutput });
    stop.throwIfAborted();
    return { code, said: said.trim() };
  }

  private async makeRepository(checkout: Checkout, { mirror, origin }: CheckOutFrom): Promise<void> {
    const objects = join(this.mirror ? this.sandbox.inside(this.mirror) : '', 'objects');
    await makeJobRepository(this.path, checkout, { sandbox: this.sandbox, user: this.user, objects, origin, refs: await mirror.refs() });
  }

  /** Everything that ran in here has ended before. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kept?.keep(this.path);
    await removeFolder(this.folder, { keepItself: false });
  }
}

async function removeFolder(folder: string, { keepItself }: { keepItself: boolean }): Promise<void> {
  await removeTree(folder);
  if (keepItself) await mkdir(folder, { recursive: true, mode: 0o711 });
}
