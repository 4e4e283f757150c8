import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { DomainError } from '../../platform/errors.js';
import { collect, LogWorld, numbered, print, readAll } from './testing/log-world.js';

describe('the log of an attempt, in spite of all,', () => {
  let world: LogWorld;
  beforeAll(async () => {
    world = await LogWorld.create();
  });
  afterEach(() => world.settle());
  afterAll(() => world.close());

  it('equals what was printed when messages and acknowledgements are lost on the way', async () => {
    let dice = 7;
    const { server, attempt, log } = await world.begin(() => {
      dice = (dice * 48271) % 2147483647;
      return dice % 11 === 0 ? 'message' : dice % 7 === 0 ? 'acknowledgement' : 'nothing';
    });
    const lines = numbered(20_000);
    await print(log, lines);
    await world.finish(log, attempt);
    await world.sealed(attempt);
    expect(await readAll(server, attempt)).toEqual(lines);
  });

  it('is sent again by the agent after the store of NATS was wiped in the middle', async () => {
    const { server, attempt, log } = await world.begin();
    const followed = collect(server.logs.follow(attempt.jobId, null, 0));
    const lines = numbered(30_000);
    await print(log, lines.slice(0, 10_000));
    await world.wipeNats();
    await print(log, lines.slice(10_000, 20_000));
    await world.wipeNats();
    await print(log, lines.slice(20_000));
    await world.finish(log, attempt);
    expect(await followed).toEqual(lines);
    await world.sealed(attempt);
    expect(await readAll(server, attempt)).toEqual(lines);
  }, 60_000);

  it('goes on after a restart of the server, and another server reads the same meanwhile', async () => {
    const first = await world.startServer();
    const other = await world.startServer();
    const attempt = await world.anAttempt();
    await world.openLog(first, attempt);
    const log = await world.startAgent(attempt);
    const lines = numbered(60_000);
    await print(log, lines.slice(0, 20_000));
    const followed = collect(other.logs.follow(attempt.jobId, null, 100));
    await first.close();
    await print(log, lines.slice(20_000, 40_000));
    const second = await world.startServer();
    await print(log, lines.slice(40_000));
    await world.finish(log, attempt);
    expect(await followed).toEqual(lines.slice(100));
    await world.sealed(attempt);
    expect(await readAll(second, attempt)).toEqual(lines);
  });

  it('is set aside when it can not be sealed, seals all others, and is sealed when it is tried again', async () => {
    const { server, attempt: poison, log } = await world.begin();
    const put = world.blobs.put.bind(world.blobs);
    world.blobs.put = async (key, bytes) => {
      if (key.includes(poison.attemptId)) throw new DomainError('bad_input', 'bad', 'It can not be stored.');
      return put(key, bytes);
    };
    const lines = numbered(2_000);
    await print(log, lines);
    await world.finish(log, poison);
    const letters = () => world.database.query('select kind, about, tries from dead_letters');
    await vi.waitFor(async () => expect(await letters()).toEqual([{ kind: 'log', about: 'Log of job "build"', tries: 1 }]), {
      timeout: 15_000,
    });
    const good = await world.anAttempt();
    await world.openLog(server, good);
    const goodLog = await world.startAgent(good);
    await print(goodLog, lines);
    await world.finish(goodLog, good);
    await world.sealed(good);
    expect(await readAll(server, poison)).toEqual(lines);
    world.blobs.put = put;
    await world.database.query('truncate dead_letters');
    await world.sealed(poison);
    expect(await readAll(server, poison)).toEqual(lines);
  });

  it('drops what is foreign, stale, repeated or broken, and nobody sees it', async () => {
    const { server, attempt } = await world.begin();
    await world.publish(attempt, { n: 0, text: 'first' });
    await world.publish(attempt, { n: 1, firstLine: 1, text: 'foreign' }, { key: Buffer.from('another key') });
    await world.publish(attempt, { n: 1, firstLine: 1, text: 'stale' }, { number: attempt.number - 1 });
    await world.publish(attempt, { n: 2, firstLine: 1, text: 'renumbered' }, { n: 1 });
    await world.publish(attempt, { n: 1, firstLine: 1, text: 'broken' }, { body: Buffer.from('no chunk') });
    await world.publish(attempt, { n: 1, firstLine: 1, text: 'two\nlines', times: [1] });
    await world.publish(attempt, { n: 1, firstLine: 5, text: 'elsewhere' });
    await world.publish(attempt, { n: 0, text: 'repeated' });
    await world.publish(attempt, { n: 1, firstLine: 1, text: 'second' });
    await world.publish(attempt, { n: 2, firstLine: 2, text: '', times: [], last: true });
    expect(await collect(server.logs.follow(attempt.jobId, null, 0))).toEqual(['first', 'second']);
    await world.sealed(attempt);
    expect(await readAll(server, attempt)).toEqual(['first', 'second']);
  });

  it('ends the log of a lost attempt where it breaks off', async () => {
    const { server, attempt } = await world.begin();
    await world.publish(attempt, { n: 0, text: 'half a li', endsInsideLine: true });
    await world.database.query(`update attempts set state = 'ended', ended_at = clock_timestamp() - interval '1 minute' where id = $1`, [
      attempt.attemptId,
    ]);
    world.tellChanged(`log.${attempt.attemptId}`);
    expect(await collect(server.logs.follow(attempt.jobId, null, 0))).toEqual(['half a li']);
    await world.sealed(attempt);
    expect(await readAll(server, attempt)).toEqual(['half a li']);
  });
});
