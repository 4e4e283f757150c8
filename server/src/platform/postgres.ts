import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource, type DataSourceOptions, MigrationExecutor, type QueryRunner } from 'typeorm';
import { Database } from './database.js';

/** Any number that nothing else in the database uses as a lock. */
const MIGRATION_LOCK = 7_544_929;
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 30_000;
const IDLE_TIMEOUT_MS = 60_000;
const RETRY_MS = 250;
/** How long a migration waits for a lock, with everybody else behind it; then it lets them pass and tries again. */
const LOCK_TIMEOUT_MS = 5_000;
const MIGRATE_WITHIN_MS = 5 * 60_000;

export type PostgresOptions = {
  /** `postgres://user:password@host:port/database`; `?host=<folder>` for a Unix socket. */
  url: string;
  /** Every change of the schema, the oldest first. */
  migrations: NonNullable<DataSourceOptions['migrations']>;
  /** Connections held at most; a request for one more waits. */
  poolSize?: number;
  /** How long a Postgres that does not answer is waited for at the start; 0: not at all. */
  waitMs?: number;
  onWait?: (error: Error) => void;
  /** How long a migration tries to get its locks. */
  migrateWithinMs?: number;
};

/** Postgres is not available or refuses this server; the message says what to do. */
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
    migrations: options.migrations,
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
    await migrate(source, options.migrateWithinMs ?? MIGRATE_WITHIN_MS);
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
    return new NoDatabase(`Postgres does not let this server in: ${message}. Correct the user or the password in DATABASE_URL.`, {
      cause: error,
    });
  if (code === '3D000')
    return new NoDatabase(`Postgres has no such database: ${message}. Make it (createdb), or correct DATABASE_URL.`, { cause: error });
  if (isAway(error)) return new NoDatabase(`Postgres can't be reached: ${message}. Start it, or correct DATABASE_URL.`, { cause: error });
  return error;
}

async function migrate(source: DataSource, withinMs: number): Promise<void> {
  const runner = source.createQueryRunner();
  await runner.connect();
  try {
    await runner.query(`set statement_timeout = 0; set lock_timeout = ${Math.min(LOCK_TIMEOUT_MS, withinMs)}`);
    await whenUnlocked(Date.now() + withinMs, () => runner.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]));
    await whenUnlocked(Date.now() + withinMs, () => runMigrations(source, runner));
  } finally {
    await runner.query('select pg_advisory_unlock_all()').catch(() => undefined);
    await runner.query(`set statement_timeout = ${STATEMENT_TIMEOUT_MS}; set lock_timeout = 0`).catch(() => undefined);
    await runner.release();
  }
}

/** On this connection and no other, as its limits are in force there. */
async function runMigrations(source: DataSource, runner: QueryRunner): Promise<void> {
  const executor = new MigrationExecutor(source, runner);
  executor.transaction = 'each';
  await executor.executePendingMigrations();
}

/** A migration that gets no lock has changed nothing. @throws NoDatabase when it gets none in time */
async function whenUnlocked(deadline: number, work: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
      if (Date.now() >= deadline) throw new NoDatabase(BLOCKED, { cause: error });
    }
  }
}

const isLockTimeout = (error: unknown): boolean =>
  ((error as { driverError?: { code?: string } }).driverError?.code ?? (error as { code?: string }).code) === '55P03';

const BLOCKED =
  `The database can't be brought up to date, because somebody else uses its tables: a server of the previous version, a backup, or a session
that was left open. Stop all other servers of this installation, end what "select * from pg_stat_activity where state <> 'idle'" shows, and start again.`.replace(
    '\n',
    ' ',
  );
