import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AttemptEvent, Checkout, Outcome, Work } from '@slipway/protocol';
import type { FullLimits } from '../job/job-limits.js';
import { KeptCheckouts } from '../job/kept-checkouts.js';
import { Mirror } from '../job/mirror.js';
import { runJob } from '../job/run-job.js';
import { WorkspaceProgram } from '../job/workspace-program.js';
import { openSandbox } from '../sandbox/open-sandbox.js';
import type { Sandbox } from '../sandbox/sandbox.js';
import type { ArchiveBounds } from '../workspace-program/messages.js';
import { aLog, aWork } from './builders.js';
import { addCommit, aRepository, type TestHttpServer, testHttpServer } from './http-server.js';

export const USUAL_BOUNDS: ArchiveBounds = { entries: 10_000, bytes: 20 * 1024 ** 3 };
export const REPOSITORY = '00000000-0000-4000-8000-000000000001';
const A_JOB: FullLimits = { cpuCores: 2, memoryMib: 4_096, processes: 4_096, diskMib: 10_240 };

export type Ran = { outcome: Outcome; text: string; events: AttemptEvent[] };

/** Runs jobs in a real sandbox, with a real Git remote that holds one repository `sample/hello`. */
export class JobRunner {
  /** Of the newest commit. */
  sha = '';
  server!: TestHttpServer;

  private constructor(
    readonly dir: string,
    readonly sandbox: Sandbox,
    readonly program: WorkspaceProgram,
  ) {}

  static async open(bounds: ArchiveBounds = USUAL_BOUNDS): Promise<JobRunner> {
    const dir = mkdtempSync(join(tmpdir(), 'agent-'));
    return new JobRunner(dir, await openSandbox({ agentDir: dir, passedEnv: [] }), await WorkspaceProgram.install(dir, bounds));
  }

  async close(): Promise<void> {
    await this.sandbox.close();
    rmSync(this.dir, { recursive: true });
  }

  /** A new remote with one commit; nothing of earlier jobs. */
  async reset(): Promise<void> {
    mkdirSync(join(this.dir, 'hosted/sample'), { recursive: true });
    this.sha = aRepository(join(this.dir, 'hosted/sample'), 'hello', {
      'README.md': 'hello',
      'src/app.js': 'app',
      '.gitattributes': 'src export-ignore\n',
    });
    this.server = await testHttpServer(join(this.dir, 'hosted'));
  }

  async clear(): Promise<void> {
    await this.server.close();
    for (const folder of ['hosted', 'mirrors', 'slots', 'checkouts']) rmSync(join(this.dir, folder), { recursive: true, force: true });
  }

  /** A commit with exactly these files, which `checkout()` then names. */
  commit(files: Record<string, string>): void {
    this.sha = addCommit(join(this.dir, 'hosted/sample'), 'hello', files);
  }

  checkout(trustClass: string | null = null): Checkout {
    return {
      path: '/git/sample/hello.git',
      repositoryId: REPOSITORY,
      sha: this.sha,
      ref: 'refs/heads/main',
      trustClass,
      refs: null,
      remoteUrl: null,
      defaultBranch: 'main',
    };
  }

  async run(
    changes: Partial<Work>,
    options: { stop?: AbortController | undefined; slot?: number; limits?: Partial<FullLimits> } = {},
  ): Promise<Ran> {
    const { stop = new AbortController(), slot = 0, limits = {} } = options;
    const work = aWork(changes);
    const { log, text } = await aLog(join(this.dir, 'spool'), work);
    const events: AttemptEvent[] = [];
    const outcome = await runJob(work, {
      sandbox: this.sandbox,
      program: this.program,
      slot: { index: slot, folder: join(this.dir, 'slots', `${slot}`) },
      log,
      report: (event) => events.push(event),
      stop: stop.signal,
      httpUrl: this.server.url,
      mirrorOf: (id) => Mirror.at(join(this.dir, 'mirrors'), id),
      checkouts: new KeptCheckouts(join(this.dir, 'checkouts'), 2),
      limits: { ...A_JOB, ...limits },
      spoolDir: join(this.dir, 'archives'),
    });
    await log.end();
    await log.close();
    return { outcome, text: text(), events };
  }
}
