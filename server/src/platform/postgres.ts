import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { migrations } from '../migrations/index.js';
import { Database } from './database.js';

/** Any number that nothing else in the database uses as a lock. */
const MIGRATION_LOCK = 7_544_929;
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 30_000;
const IDLE_TIMEOUT_MS = 60_000;
const RETRY_MS = 250;

export type PostgresOptions = {
  /** `postgres://user:password@host:port/database`; `?host=<folder>` for a Unix socket. */
  url: string;
  entities?: NonNullable<DataSourceOptions['entities']>;
  /** Connections held at most; a request for one more waits. */
  poolSize?: number;
  /** How long a Postgres that does not answer is waited for at the start; 0: not at all. */
  waitMs?: number;
  onWait?: (error: Error) => void;
};

/** Postgres is not there or does not let this server in; its message says what to do. */
export class NoDatabase extends Error {
  override name = 'NoDatabase';
}

/**
 * Connects and brings the schema up to date; servers that start together do that one after the other. Later breaks need no
 * care: a query fails while Postgres is away, and the pool connects anew for the next one.
 *
 * @throws NoDatabase
 */
export async function connectDatabase(options: PostgresOptions): Promise<Database> {
  const source = new DataSource({
    type: 'postgres',
    url: options.url,
    entities: options.entities ?? [],
    migrations,
    migrationsTableName: 'migrations',
    poolSize: options.poolSize ?? 20,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    applicationName: 'slipway',
    extra: {
      statement_timeout: STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
      keepAlive: true,
    },
    // An idle connection that breaks is dropped from the pool; whoever queries next is told if Postgres is still away.
    poolErrorHandler: () => undefined,
  });
  await initialise(source, Date.now() + (options.waitMs ?? 0), options.onWait ?? (() => undefined));
  try {
    await migrate(source);
  } catch (error) {
    await source.destroy();
    throw error;
  }
  return new Database(source);
}

async function initialise(source: DataSource, deadline: number, onWait: (error: Error) => void): Promise<void> {
  for (;;) {
    try {
      await source.initialize();
      return;
    } catch (error) {
      if (Date.now() >= deadline || !isAway(error)) throw noDatabase(error);
      onWait(error as Error);
      await sleep(RETRY_MS);
    }
  }
}

/** Not there, or not taking connections yet; a wrong password or name does not mend itself. */
function isAway(error: unknown): boolean {
  const code = String((error as { code?: unknown }).code ?? '');
  return code.startsWith('E') || code === '57P03' || /timeout|terminated/i.test(String((error as Error).message));
}

function noDatabase(error: unknown): unknown {
  const { code, message } = error as { code?: string; message: string };
  if (code === '28P01' || code === '28000')
    return new NoDatabase(`Postgres does not let this server in: ${message}. Mend the user or the password in DATABASE_URL.`, {
      cause: error,
    });
  if (code === '3D000')
    return new NoDatabase(`Postgres has no such database: ${message}. Make it (createdb), or mend DATABASE_URL.`, { cause: error });
  if (isAway(error)) return new NoDatabase(`Postgres can't be reached: ${message}. Start it, or mend DATABASE_URL.`, { cause: error });
  return error;
}

async function migrate(source: DataSource): Promise<void> {
  const runner = source.createQueryRunner();
  await runner.connect();
  try {
    await runner.query(`set statement_timeout = 0`);
    await runner.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await source.runMigrations({ transaction: 'each' });
  } finally {
    await runner.query('select pg_advisory_unlock_all()').catch(() => undefined);
    await runner.query(`set statement_timeout = ${STATEMENT_TIMEOUT_MS}`).catch(() => undefined);
    await runner.release();
  }
}
