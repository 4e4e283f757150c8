import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkout, JobLimits } from '@slipway/protocol';
import { endOf, shorten } from '@slipway/protocol';
import { HOME_INSIDE } from '../sandbox/files.js';
import { removeTree } from '../sandbox/remove-tree.js';
import type { Mount, Sandbox, SandboxSpec, SandboxUser } from '../sandbox/sandbox.js';
import { writeScript } from '../shell/script-file.js';
import { Infrastructure } from './job-failure.js';
import { giveTo, makeJobRepository } from './job-repository.js';
import { copyIndex, type KeptPlace } from './kept-checkouts.js';
import type { Mirror } from './mirror.js';
import type { Done, ProgramRun, WorkspaceProgram } from './workspace-program.js';

/** Which user, folder and network a job gets; one job at a time. */
export type Slot = { index: number; folder: string };

export type WorkspaceDeps = { sandbox: Sandbox; program: WorkspaceProgram; slot: Slot };

export type CheckOutFrom = { mirror: Mirror; kept: KeptPlace | null; stop: AbortSignal };

/**
 * Makes files that an earlier job had, and may have done anything to, those of the commit. Whatever the index does not know
 * to the last detail (size, number, times: a job can't set the time of change) is removed and written anew; then all that Git
 * does not track goes, ignored files and repositories in repositories too. Folders of submodules Git leaves alone, and asks what is a
 * repository in them by its settings: they are emptied, those of the commit before and those of this one.
 */
const MAKE_NEW = [
  "submodules() { git ls-files --stage -z | sed -zn 's/^160000 [0-9a-f]* 0.//p'; }",
  'chmod 700 .',
  'find . -mindepth 1 -path ./.git -prune -o -type d ! -perm 755 -exec chmod 755 {} +',
  'submodules | xargs -0 -r rm -rf --',
  'git diff-files --name-only -z | xargs -0 -r rm -rf --',
  'git reset --hard --quiet',
  `submodules | xargs -0 -r sh -e -c 'rm -rf -- "$@"; mkdir -- "$@"' sh`,
  'git clean -ffdx --quiet',
].join('\n');

/**
 * The folders of one attempt: its work, home and temporary files, all new, owned by the job's user and removed in the
 * end. What a job wrote is hostile: the agent never runs Git or anything else in it.
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
    // One job at a time: whatever else is here, an agent that was killed has left.
    await removeFolder(slot.folder, { keepItself: true });
    const workspace = new Workspace(sandbox, program, slot, name, join(slot.folder, name));
    await mkdir(workspace.folder, { mode: 0o711 });
    for (const { source } of workspace.owned) await sandbox.makeOwned(source, workspace.user);
    await mkdir(workspace.scripts.source, { mode: 0o711 });
    return workspace;
  }

  /** All that the job can write to, as the agent sees it. */
  get whole(): string {
    return this.folder;
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
   * @returns whether it was made from an earlier one
   */
  async checkOut(checkout: Checkout, { mirror, kept, stop }: CheckOutFrom): Promise<boolean> {
    this.mirror = { source: mirror.folder, target: '/slipway/mirror.git', writable: false };
    const isReused = ((await kept?.takeInto(this.path)) ?? false) && (await this.reuse(checkout, { mirror, kept, stop }));
    if (!isReused) await this.checkOutAnew(checkout, { mirror, kept, stop });
    await kept?.saveIndex(join(this.path, '.git/index'));
    this.kept = kept;
    return isReused;
  }

  private async checkOutAnew(checkout: Checkout, { mirror, stop }: CheckOutFrom): Promise<void> {
    await this.makeRepository(checkout, mirror);
    const { code, said } = await this.git('git reset --hard --quiet', stop);
    if (code !== 0) throw new Infrastructure('checkout_failed', `The files of ${shorten(checkout.sha, 10)} could not be written: ${said}`);
  }

  /** @returns false when an earlier job has left it such that Git can't make it new; it is gone then */
  private async reuse(checkout: Checkout, { mirror, kept, stop }: CheckOutFrom): Promise<boolean> {
    await removeTree(join(this.path, '.git'));
    await this.makeRepository(checkout, mirror);
    const index = join(this.path, '.git/index');
    await copyIndex(kept?.index ?? '', index);
    await giveTo(this.user, index);
    if ((await this.git(MAKE_NEW, stop)).code === 0) return true;
    await kept?.forget();
    await removeTree(this.path);
    await this.sandbox.makeOwned(this.path, this.user);
    return false;
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

  private async makeRepository(checkout: Checkout, mirror: Mirror): Promise<void> {
    const objects = join(this.mirror ? this.sandbox.inside(this.mirror) : '', 'objects');
    await makeJobRepository(this.path, checkout, { sandbox: this.sandbox, user: this.user, objects, refs: await mirror.refs() });
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
