import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../testing/database.js';
import { silent } from '../testing/graphql.js';
import { type Messenger, OutboxRelay } from './outbox-relay.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(() => database.query('truncate outbox'));

/** Remembers what it was given; refuses as many durable messages as it is told to. */
class FakeMessenger implements Messenger {
  sent: string[] = [];
  refuse = 0;

  async publishDurably(subject: string, _payload: unknown, messageId: string): Promise<void> {
    if (this.refuse-- > 0) throw new Error('NATS is away');
    this.sent.push(`${subject} ${messageId}`);
  }

  publish(subject: string): void {
    this.sent.push(subject);
  }
}

const until = async (condition: () => Promise<boolean> | boolean) => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
};
const left = async () => (await database.query('select 1 from outbox')).length;

describe('OutboxRelay', () => {
  it('sends what a commit left, woken by it, and nothing of a rollback', async () => {
    const messenger = new FakeMessenger();
    const relay = new OutboxRelay(database, messenger, silent);
    relay.start();
    await database.transaction(async (tx) => {
      tx.publish('jobs.a', { attempt: 1 }, 'm1');
      tx.changed('run', 'r');
    });
    await database
      .transaction(async (tx) => {
        tx.publish('jobs.a', {}, 'never');
        throw new Error('no');
      })
      .catch(() => undefined);
    await until(async () => (await left()) === 0);
    await relay.stop();
    expect(messenger.sent.sort()).toEqual(['changed.run.r', 'jobs.a m1']);
  });

  it('keeps what was not acknowledged and sends it again under the same id', async () => {
    const messenger = new FakeMessenger();
    messenger.refuse = 1;
    const relay = new OutboxRelay(database, messenger, silent);
    relay.start();
    await database.transaction(async (tx) => tx.publish('jobs.a', {}, 'm1'));
    await until(() => messenger.refuse < 0);
    expect(messenger.sent.every((message) => message === 'jobs.a m1')).toBe(true);
    await until(async () => (await left()) === 0);
    await relay.stop();
    expect(messenger.sent).toContain('jobs.a m1');
  });

  it('sends what an earlier process committed and did not live to send', async () => {
    await database.query(`insert into outbox (kind, subject, payload, message_id) values ('jetstream', 'jobs.b', '{}', 'old')`);
    const messenger = new FakeMessenger();
    const relay = new OutboxRelay(database, messenger, silent);
    relay.start();
    await until(async () => (await left()) === 0);
    await relay.stop();
    expect(messenger.sent).toEqual(['jobs.b old']);
  });
});
