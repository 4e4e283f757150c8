import { errors } from '@nats-io/transport-node';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../testing/database.js';
import { silent } from '../testing/graphql.js';
import { type Messenger, OutboxRelay } from './outbox-relay.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(() => database.query('truncate outbox, dead_letters'));

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

/** Takes all but what NATS would refuse for ever, or for a reason that nobody knows. */
class PoisonedMessenger extends FakeMessenger {
  override async publishDurably(subject: string, payload: unknown, messageId: string): Promise<void> {
    if (messageId === 'large') throw errors.InvalidArgumentError.format('payload', 'max_payload size exceeded');
    if (messageId === 'odd') throw new TypeError('nobody knows why');
    await super.publishDurably(subject, payload, messageId);
  }
}

describe('a message that can not be sent', () => {
  it('is set aside and holds up none of those around it', async () => {
    const messenger = new PoisonedMessenger();
    const relay = new OutboxRelay(database, messenger, silent);
    await database.transaction(async (tx) => {
      for (const id of ['m1', 'large', 'm2', 'odd', 'm3']) tx.publish('jobs.a', { id }, id);
    });
    relay.start();
    await until(async () => (await left()) === 0);
    await relay.stop();
    expect(messenger.sent.sort()).toEqual(['jobs.a m1', 'jobs.a m2', 'jobs.a m3']);
    const letters = await database.query(`select about, error, tries, body->>'messageId' as id from dead_letters order by tries`);
    expect(letters).toEqual([
      { id: 'large', about: 'Message to jobs.a', error: expect.stringContaining('max_payload size exceeded'), tries: 1 },
      { id: 'odd', about: 'Message to jobs.a', error: 'nobody knows why', tries: 5 },
    ]);
  });
});

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
