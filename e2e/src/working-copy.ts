import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Installation } from './installation.js';

const run = promisify(execFile);

/** A developer's clone of a hosted repository. */
export class WorkingCopy {
  private constructor(readonly dir: string) {}

  static async clone(installation: Installation, path = 'sample/hello'): Promise<WorkingCopy> {
    const dir = await mkdtemp(join(tmpdir(), 'slipway-clone-'));
    const url = `http://dev:${installation.token}@127.0.0.1:${installation.port}/git/${path}.git`;
    await run('git', ['clone', '--quiet', url, dir]);
    const copy = new WorkingCopy(dir);
    await copy.git('config', 'user.name', 'Grace Hopper');
    await copy.git('config', 'user.email', 'grace@example.test');
    return copy;
  }

  async git(...args: string[]): Promise<string> {
    return (await run('git', args, { cwd: this.dir, maxBuffer: 64 * 1024 * 1024 })).stdout.trim();
  }

  read(file: string): Promise<string> {
    return readFile(join(this.dir, file), 'utf8');
  }

  async edit(file: string, change: (text: string) => string): Promise<void> {
    await writeFile(join(this.dir, file), change(await this.read(file).catch(() => '')));
  }

  /** @returns the new commit */
  async commit(message: string): Promise<string> {
    await this.git('add', '-A');
    await this.git('commit', '--quiet', '--allow-empty', '-m', message);
    return this.git('rev-parse', 'HEAD');
  }

  async push(): Promise<void> {
    await this.git('push', '--quiet', 'origin', 'HEAD');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.dir, { recursive: true, force: true });
  }
}
