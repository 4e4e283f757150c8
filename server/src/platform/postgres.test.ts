import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrations } from '../migrations/index.js';
import { type TestDatabase, testDatabase } from '../testing/database.js';
import { connectDatabase, NoDatabase } from './postgres.js';

let database: TestDatabase;
let other: Client;

beforeEach(async () => {
  database = await testDatabase();
  other = new Client({ connectionString: database.url });
  await other.connect();
});
afterEach(async () => {
  await other.end();
  await database.close();
});

/** As of the version before. */
async function undoLast(): Promise<void> {
  await other.query(
    'alter table webhook_deliveries drop column handle_after, drop column tries; drop index webhook_deliveries_by_age, webhook_deliveries_due',
  );
  await other.query(`delete from migrations where name = 'WebhookClaims1700000000013'`);
}

describe('the schema is brought up to date', () => {
  it('not by waiting for ever behind somebody who holds a table, and in front of everybody else', async () => {
    await undoLast();
    await other.query('begin');
    await other.query('select from webhook_deliveries');
    const refused = connectDatabase({ migrations, url: database.url, poolSize: 2, migrateWithinMs: 300 });
    await expect(refused).rejects.toThrow(NoDatabase);
    await expect(refused).rejects.toThrow("can't be brought up to date");
    await other.query('commit');
    const later = await connectDatabase({ migrations, url: database.url, poolSize: 2 });
    expect(await later.query(`select tries from webhook_deliveries`)).toEqual([]);
    await later.source.destroy();
  });

  it('however long it takes, once it has what it needs', async () => {
    await undoLast();
    await other.query(`create table seen (value text);
      create function note() returns event_trigger language plpgsql as $$ begin insert into seen values (current_setting('statement_timeout')); end $$;
      create event trigger note on ddl_command_start when tag in ('ALTER TABLE') execute function note()`);
    const migrated = await connectDatabase({ migrations, url: database.url, poolSize: 2 });
    expect(new Set((await migrated.query<{ value: string }>('select value from seen')).map(({ value }) => value))).toEqual(new Set(['0']));
    await migrated.source.destroy();
  });
});
