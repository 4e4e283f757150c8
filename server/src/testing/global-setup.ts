import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startPostgres } from '../../../scripts/services/throwaway.mjs';
import { migrations } from '../migrations/index.js';
import { connectDatabase } from '../platform/postgres.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Of a database with the whole schema and nothing in it, which others are copied from. */
    postgresUrl: string;
  }
}

/** One Postgres for the whole run of tests; the schema is made once. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-tests-'));
  // As root, Postgres runs as another user, to whom mkdtemp closes the folder.
  await chmod(dir, 0o711);
  const postgres = await startPostgres({ dir: join(dir, 'postgres'), logFile: join(dir, 'postgres.log'), throwaway: true });
  const database = await connectDatabase({ migrations, url: postgres.url });
  await database.source.destroy();
  project.provide('postgresUrl', postgres.url);
  return async () => {
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  };
}
