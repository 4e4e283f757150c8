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

/**
 * Connects and brings the schema up to date; servers that start together do that one after the other. Later breaks need no
 * care: a query fails while Postgres is away, and the pool connects anew for the next one.
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
      if (Date.now() >= deadline || !isAway(error)) throw error;
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
