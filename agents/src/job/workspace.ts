import { chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkout, JobLimits } from '@slipway/protocol';
import { HOME_INSIDE } from '../sandbox/files.js';
import { removeTree } from '../sandbox/remove-tree.js';
import type { Mount, Sandbox, SandboxSpec, SandboxUser } from '../sandbox/sandbox.js';
import { Infrastructure } from './job-failure.js';
import type { Mirror } from './mirror.js';

/** Which user, folder and network a job gets; one job at a time. */
export type Slot = { index: number; folder: string };

/**
 * The folders of one attempt: its work, home and temporary files, all new, owned by the job's user and removed in the
 * end. What a job wrote is hostile: the agent never runs Git or anything else in it.
 */
export class Workspace implements AsyncDisposable {
  readonly user: SandboxUser;
  private mirror: Mount | null = null;

  private constructor(
    private readonly sandbox: Sandbox,
    private readonly slot: Slot,
    private readonly name: string,
    private readonly folder: string,
  ) {
    this.user = sandbox.userOfSlot(slot.index);
  }

  static async make(sandbox: Sandbox, slot: Slot, name: string): Promise<Workspace> {
    await mkdir(slot.folder, { recursive: true, mode: 0o711 });
    // One job at a time: whatever else is here, an agent that was killed has left.
    await removeFolder(slot.folder, { keepItself: true });
    const workspace = new Workspace(sandbox, slot, name, join(slot.folder, name));
    await mkdir(workspace.folder, { mode: 0o711 });
    for (const { source } of workspace.mounts) await sandbox.makeOwned(source, workspace.user);
    return workspace;
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

  private get mounts(): Mount[] {
    return [this.work, this.home, this.temporary];
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
      mounts: this.mirror ? [...this.mounts, this.mirror] : this.mounts,
      limits,
      network: { kind: 'slot', slot: this.slot.index },
    };
  }

  /**
   * The files of a commit, as a repository whose history is the mirror's, read-only. Git runs as the job's user, in the
   * sandbox: attributes and filters of the repository can do no more than the job.
   */
  async checkOut(checkout: Checkout, mirror: Mirror, stop: AbortSignal): Promise<void> {
    this.mirror = { source: mirror.folder, target: '/slipway/mirror.git', writable: false };
    await this.makeRepository(checkout, await mirror.refs());
    const spec = this.spec(['git', 'reset', '--hard', '--quiet'], {
      env: {},
      limits: { cpuCores: null, memoryMib: null, processes: null },
    });
    let said = '';
    const onOutput = (bytes: Uint8Array) => {
      said = (said + Buffer.from(bytes).toString()).slice(-4096);
    };
    const { code } = await this.sandbox.run(spec, { stop, onOutput });
    stop.throwIfAborted();
    if (code !== 0)
      throw new Infrastructure('checkout_failed', `The files of ${checkout.sha.slice(0, 10)} could not be written: ${said.trim()}`);
  }

  private async makeRepository({ sha, ref }: Checkout, refs: string[]): Promise<void> {
    const folder = join(this.path, '.git');
    const isBranch = /^refs\/heads\/[^\s\0]+$/.test(ref);
    const others = refs.map((line) => line.replace(' refs/heads/', ' refs/remotes/origin/'));
    const packed = isBranch ? [`${sha} ${ref}`, ...others] : others;
    const objects = join(this.mirror ? this.sandbox.inside(this.mirror) : '', 'objects');
    const files: [path: string, text: string][] = [
      ['HEAD', isBranch ? `ref: ${ref}\n` : `${sha}\n`],
      ['config', '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n'],
      ['packed-refs', packed.map((line) => `${line}\n`).join('')],
      ['objects/info/alternates', `${objects}\n`],
    ];
    for (const each of ['.', 'refs', 'objects', 'objects/info']) await this.sandbox.makeOwned(join(folder, each), this.user);
    for (const [path, text] of files) {
      await writeFile(join(folder, path), text);
      if (this.user) await chown(join(folder, path), this.user.uid, this.user.gid);
    }
  }

  /** Everything that ran in here has ended before. */
  async [Symbol.asyncDispose](): Promise<void> {
    await removeFolder(this.folder, { keepItself: false });
  }
}

async function removeFolder(folder: string, { keepItself }: { keepItself: boolean }): Promise<void> {
  await removeTree(folder);
  if (keepItself) await mkdir(folder, { recursive: true, mode: 0o711 });
}
