import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { inject } from 'vitest';
import { migrations } from '../migrations/index.js';
import type { Database } from '../platform/database.js';
import { connectDatabase } from '../platform/postgres.js';

export type TestDatabase = Database & {
  readonly url: string;
  /** Ends the connections and drops the database. */
  close(): Promise<void>;
};

/** A new database with the whole schema, in the Postgres of the test run. */
export async function testDatabase(): Promise<TestDatabase> {
  const template = inject('postgresUrl');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  // One copy at a time: a template may have no other connection.
  await asAdmin(template, [`select pg_advisory_lock(1)`, `create database ${name} template slipway strategy file_copy`]);
  const url = template.replace('/slipway?', `/${name}?`);
  const database = await connectDatabase({ migrations, url, poolSize: 8 });
  const close = async () => {
    await database.source.destroy();
    await asAdmin(template, [`drop database ${name} with (force)`]);
  };
  return Object.assign(database, { url, close });
}

async function asAdmin(template: string, statements: string[]): Promise<void> {
  const client = new Client({ connectionString: template.replace('/slipway?', '/postgres?') });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
