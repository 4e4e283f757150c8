import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDatabase } from '../testing/database.js';
import type { Database } from './database.js';
import { newId } from './ids.js';

let database: Database & { close(): Promise<void> };

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const users = async () => (await database.query<{ n: number }>('select count(*)::int as n from users'))[0]?.n;
const addUser = () =>
  database.transaction(async (tx) => {
    const id = newId();
    await tx.query('insert into users (id, name, email) values ($1, $2, $2)', [id, id]);
    for (const run of ['b', 'a', 'b']) tx.changed('run', run);
  });

it('whoever follows a thing writes in the same transaction, and when that fails nothing has happened', async () => {
  const heard: (readonly string[])[] = [];
  const stop = database.onCommitting('run', async (_tx, ids) => void heard.push(ids));
  await addUser();
  stop();
  expect(heard).toEqual([['a', 'b']]);
  const stopFailing = database.onCommitting('run', () => Promise.reject(new Error('disk full')));
  await expect(addUser()).rejects.toThrow('disk full');
  stopFailing();
  expect(await users()).toBe(1);
  const stopOther = database.onCommitting('job', () => Promise.reject(new Error('not asked')));
  await addUser();
  stopOther();
  expect(await users()).toBe(2);
});
