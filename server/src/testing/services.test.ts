import { jetstreamManager } from '@nats-io/jetstream';
import { expect, it } from 'vitest';
import { testDatabase } from './database.js';
import { testNats } from './nats.js';

it('gives each test a database of its own with the whole schema', async () => {
  const [one, other] = await Promise.all([testDatabase(), testDatabase()]);
  await one.query(`insert into settings (name, value) values ('x', '1')`);
  expect(await one.query('select name from settings')).toEqual([{ name: 'x' }]);
  expect(await other.query('select name from settings')).toEqual([]);
  await Promise.all([one.close(), other.close()]);
});

it('gives each test a NATS with JetStream, which comes back after a kill with what it stored', async () => {
  const nats = await testNats();
  const connection = await nats.connect({ reconnectTimeWait: 50, maxReconnectAttempts: -1 });
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: 'KEPT', subjects: ['kept'] });
  await nats.kill();
  await nats.start();
  // A request that was on its way at the kill takes its 5 s to give up.
  await expect.poll(() => manager.streams.info('KEPT').then((info) => info.config.name), { timeout: 12_000 }).toBe('KEPT');
  await nats.close();
});
