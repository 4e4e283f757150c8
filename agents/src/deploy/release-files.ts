import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DesiredRelease } from '@slipway/protocol';
import { shorten } from '@slipway/protocol';
import { downloadArtifact } from '../archive/download-artifact.js';
import type { ProgramPlace, WorkspaceProgram } from '../job/workspace-program.js';
import { removeTree } from '../sandbox/remove-tree.js';
import { JOB_NAME_PREFIX, type Mount, type Sandbox, type SandboxUser } from '../sandbox/sandbox.js';

type Fetching = { ready: boolean; error: Error | null; abort: AbortController };

export type ReleaseFilesOptions = {
  /** One folder a release, named by the artifact's digest: releases of the same artifact share it. */
  folder: string;
  sandbox: Sandbox;
  program: WorkspaceProgram;
  /** Who unpacks: what is in an archive can do no more than the application. */
  user: () => SandboxUser;
  httpUrl: () => string;
  /** Bearer token for artifacts. */
  token: () => string;
  /** What a person should read in the deployment's log. */
  tell: (line: string) => void;
  /** Something became ready or failed. */
  changed: () => void;
  warn: (error: unknown, message: string) => void;
};

/** The unpacked artifacts of one environment, fetched in the background, one read-only copy each. */
export class ReleaseFiles {
  private readonly known = new Map<string, Fetching>();
  private removing: Promise<void> = Promise.resolve();

  constructor(private readonly options: ReleaseFilesOptions) {}

  folderOf(release: DesiredRelease): string {
    return join(this.options.folder, release.artifact.digest);
  }

  /** Begins to fetch what isn't there. @returns whether it is ready; @throws the error that ended the last try. */
  ensure(release: DesiredRelease): boolean {
    const known = this.known.get(release.artifact.digest);
    if (!known) this.begin(release);
    if (known?.error) throw known.error;
    return known?.ready ?? false;
  }

  /** So that the next {@link ensure} tries what has failed again. */
  forgetFailures(): void {
    for (const [digest, { error }] of this.known) if (error) this.known.delete(digest);
  }

  /** Stops fetching whatever no release needs, and removes its files in the background: that may take seconds, and routes must not wait for it. */
  keepOnly(releases: readonly DesiredRelease[]): void {
    const needed = new Set(releases.map(({ artifact }) => artifact.digest));
    for (const [digest, { abort }] of this.known) {
      if (needed.has(digest)) continue;
      abort.abort(new Error('The release is no longer needed'));
      this.known.delete(digest);
    }
    this.removing = this.removing
      .then(() => this.removeAllBut(needed))
      .catch((error) => this.options.warn(error, 'The files of a release that is no longer needed could not be removed.'));
  }

  /** Resolves when nothing is being removed any more. */
  async close(): Promise<void> {
    for (const { abort } of this.known.values()) abort.abort(new Error('The agent is stopping'));
    await this.removing;
  }

  private async removeAllBut(needed: ReadonlySet<string>): Promise<void> {
    for (const name of await this.onDisk()) {
      if (!needed.has(shorten(name, 64))) await removeTree(join(this.options.folder, name));
    }
  }

  private begin(release: DesiredRelease): void {
    const fetching: Fetching = { ready: false, error: null, abort: new AbortController() };
    this.known.set(release.artifact.digest, fetching);
    this.fetch(release, fetching.abort.signal).then(
      () => {
        fetching.ready = true;
        this.options.changed();
      },
      (error: Error) => {
        fetching.error = error;
        if (!fetching.abort.signal.aborted) this.options.changed();
      },
    );
  }

  /** The folder appears whole, by a rename: one that is there is complete. */
  private async fetch(release: DesiredRelease, signal: AbortSignal): Promise<void> {
    const folder = this.folderOf(release);
    await this.removing; // or it would find files that are about to go
    if (await isThere(folder)) return;
    const { digest, size } = release.artifact;
    await mkdir(this.options.folder, { recursive: true, mode: 0o755 });
    const draft = `${folder}.new`;
    this.options.tell(`Fetching artifact ${shorten(digest, 12)} of ${release.version} (${inMegabytes(size)})`);
    const startedAt = performance.now();
    try {
      await removeTree(draft);
      await this.unpack({ digest, size }, draft, signal);
      await rename(draft, folder);
    } catch (error) {
      await removeTree(draft);
      throw error;
    }
    this.options.tell(`Unpacked after ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  }

  /** As the environment's user; then the files become the agent's, for nobody to change. */
  private async unpack({ digest, size }: DesiredRelease['artifact'], draft: string, signal: AbortSignal): Promise<void> {
    const { sandbox, program, user, httpUrl, token, tell } = this.options;
    await sandbox.makeOwned(draft, user());
    const target: Mount = { source: draft, target: '/release', writable: true };
    const place: ProgramPlace = {
      name: `${JOB_NAME_PREFIX}unpack-${randomUUID()}`,
      user: user(),
      cwd: sandbox.inside(target),
      mounts: [target],
      network: { kind: 'ports', ports: [] },
      exchange: `${draft}.archive`,
    };
    const request = async (exchange: string, inside: string) => {
      await downloadArtifact({ httpUrl: httpUrl(), token: token(), digest, size, file: join(exchange, 'archive'), signal });
      return { do: 'unpack', archive: join(inside, 'archive'), bounds: program.archiveBounds, readOnly: true } as const;
    };
    await program.run({ sandbox, place, request, notice: tell, stop: signal });
    if (user()) await promisify(execFile)('chown', ['-hR', '--', `${process.getuid?.()}:${process.getgid?.()}`, draft]);
    await chmod(draft, 0o755);
  }

  private async onDisk(): Promise<string[]> {
    return (await isThere(this.options.folder)) ? readdir(this.options.folder) : [];
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}

function inMegabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0)} MB`;
}
