import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify from 'fastify';
import type { NewRun, StartRun } from '../../../build/runs/ports.js';
import type { Database } from '../../../platform/database.js';
import { newId } from '../../../platform/ids.js';
import { aJobSpec, aPipeline } from '../../../testing/builders.js';
import type { GitAccessDeps } from '../hosting/git-access.js';
import { gitHttpRoutes } from '../hosting/git-http.routes.js';
import type { ReadPipeline } from '../pushes/decide-push.js';
import { PushIngest } from '../pushes/ingest-pushes.js';
import { RepositoryStore } from '../repository-store.js';

type Hosting = { db: Database; readPipeline?: ReadPipeline };

/** A data folder with its store and ingest; runs are noted, as rows too, so that "once per push" is the database's own answer. */
export async function hosting({ db, readPipeline = async () => ({ pipeline: aPipeline(aJobSpec()), problems: [] }) }: Hosting) {
  const dataDir = await mkdtemp(join(tmpdir(), 'slipway-data-'));
  const store = new RepositoryStore(dataDir);
  await store.open();
  const errors: unknown[] = [];
  const log = { error: (...what: unknown[]) => void errors.push(what), warn: () => undefined };
  const ingest = (startRun: StartRun = insertRunRow) => new PushIngest({ db, store, startRun, readPipeline, log });
  return { dataDir, store, ingest, readPipeline, errors, log, remove: () => rm(dataDir, { recursive: true, force: true }) };
}

export const insertRunRow: StartRun = async (tx, run: NewRun) => {
  const runId = newId();
  const rows = await tx.query<{ number: number }>(
    `update repositories set next_run_number = next_run_number + 1 where id = $1 returning next_run_number - 1 as number`,
    [run.repositoryId],
  );
  const number = rows[0]?.number ?? 0;
  await tx.query(
    `insert into runs (id, project_id, repository_id, number, branch, commit_sha, trigger, push_id, state) values ($1, $2, $3, $4, $5, $6, 'push', $7, 'pending')`,
    [runId, run.projectId, run.repositoryId, number, run.branch, run.commitSha, run.pushId],
  );
  return { runId, number };
};

/** Runs of a repository in the order of their numbers, as `branch sha`. */
export async function runsOf(db: Database, repositoryId: string): Promise<string[]> {
  const rows = await db.query<{ branch: string; sha: string }>(
    'select branch, commit_sha as sha from runs where repository_id = $1 order by number',
    [repositoryId],
  );
  return rows.map((row) => `${row.branch} ${row.sha}`);
}

/** The Git remote on a free port. */
export async function serveGit(deps: Parameters<typeof gitHttpRoutes>[0]) {
  const app = Fastify();
  await app.register(gitHttpRoutes(deps));
  const address = await app.listen({ port: 0, host: '127.0.0.1' });
  return {
    app,
    address,
    url: (user: string, password: string, path: string) => `${address.replace('//', `//${user}:${password}@`)}/git/${path}`,
  };
}

/** Everybody whose password is `token-of-<user id>` is that user; `mayPush` says who pushes. */
export function tokensOfUsers(db: Database, mayRead: (userId: string) => boolean, mayPush: (userId: string) => boolean): GitAccessDeps {
  return {
    db,
    authenticate: async (header) => {
      const password =
        Buffer.from(header.split(' ')[1] ?? '', 'base64')
          .toString()
          .split(':')[1] ?? '';
      return password.startsWith('token-of-') ? { userId: password.slice('token-of-'.length), isAdmin: false } : null;
    },
    can: async (actor, permission) => (permission === 'project.read' ? mayRead(actor.userId) : mayPush(actor.userId)),
    jobToken: async (token) => (token.startsWith('job-of-') ? { repositoryId: token.slice('job-of-'.length) } : null),
  };
}
