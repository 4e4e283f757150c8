import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Installation } from './installation.js';

const execute = promisify(execFile);
const MAX_OUTPUT_BYTES = 64 * 2 ** 20;

/** A developer's clone of a hosted repository. */
export class WorkingCopy implements AsyncDisposable {
  private constructor(readonly dir: string) {}

  static async clone({ port, token }: Installation, path = 'sample/hello', password = token): Promise<WorkingCopy> {
    const dir = await mkdtemp(join(tmpdir(), 'slipway-clone-'));
    const copy = new WorkingCopy(dir);
    try {
      await copy.git('clone', '--quiet', `http://dev:${password}@127.0.0.1:${port}/git/${path}.git`, '.');
    } catch (error) {
      await copy[Symbol.asyncDispose]();
      throw error;
    }
    await copy.git('config', 'user.name', 'Grace Hopper');
    await copy.git('config', 'user.email', 'grace@example.test');
    return copy;
  }

  /** A new project with one repository, empty and cloned, on the branch `main`. */
  static async ofNewProject(installation: Installation, project: string): Promise<WorkingCopy> {
    await installation.api.createProject(project);
    await installation.api.createRepository(project, 'code');
    const copy = await WorkingCopy.clone(installation, `${project}/code`);
    await copy.git('symbolic-ref', 'HEAD', 'refs/heads/main');
    return copy;
  }

  /** @throws Error with all that Git says */
  async git(...args: string[]): Promise<string> {
    const env = { ...process.env, GIT_TERMINAL_PROMPT: '0' };
    return (await execute('git', args, { cwd: this.dir, env, maxBuffer: MAX_OUTPUT_BYTES })).stdout.trim();
  }

  read(file: string): Promise<string> {
    return readFile(join(this.dir, file), 'utf8');
  }

  async write(file: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.dir, file)), { recursive: true });
    await writeFile(join(this.dir, file), text);
  }

  /** @throws Error when there is nothing to replace */
  async replace(file: string, before: string, after: string): Promise<void> {
    const text = await this.read(file);
    if (!text.includes(before)) throw new Error(`${file} has no "${before}":\n${text}`);
    await this.write(file, text.replace(before, after));
  }

  /** @returns the new commit */
  async commit(message: string, files: Record<string, string> = {}): Promise<string> {
    for (const [file, text] of Object.entries(files)) await this.write(file, text);
    await this.git('add', '--all');
    await this.git('commit', '--quiet', '--allow-empty', '--message', message);
    return this.git('rev-parse', 'HEAD');
  }

  /** Resolves when the server has accepted it. */
  async push(branch = 'main'): Promise<void> {
    await this.git('push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`);
  }

  /** @returns the new commit */
  async pushed(message: string, files: Record<string, string> = {}): Promise<string> {
    const sha = await this.commit(message, files);
    await this.push();
    return sha;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.dir, { recursive: true, force: true });
  }
}
