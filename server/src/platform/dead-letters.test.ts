import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../testing/database.js';
import { silent } from '../testing/graphql.js';
import { forgetDeadLetter, OneByOne, setAside, Tries } from './dead-letters.js';
import { DomainError } from './errors.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(() => database.query('truncate dead_letters'));

const letters = () => database.query('select kind, key, error, tries from dead_letters order by key');
const away = () => new DomainError('unavailable', 'away', 'Postgres is away.');
const bad = () => new DomainError('bad_input', 'bad', 'It is bad.');

describe('tries', () => {
  it('are over at once for what lasts, after five for what is unclear, and never for what passes', () => {
    const tries = new Tries(() => 0);
    expect(tries.failed('bad', bad())).toMatchObject({ isOver: true, tries: 1 });
    expect([1, 2, 3, 4, 5].map(() => tries.failed('odd', new Error('odd')).isOver)).toEqual([false, false, false, false, true]);
    for (let n = 0; n < 100; n++) expect(tries.failed('away', away()).isOver).toBe(false);
  });

  it('count anew after a success, and rest in between, longer each time', () => {
    let now = 0;
    const tries = new Tries(() => now);
    tries.failed('odd', new Error('odd'));
    expect(tries.rests('odd')).toBe(true);
    now = 1_000;
    expect(tries.rests('odd')).toBe(false);
    tries.failed('odd', new Error('odd'));
    now = 2_500;
    expect(tries.rests('odd')).toBe(true);
    tries.done('odd');
    expect(tries.rests('odd')).toBe(false);
    expect(tries.failed('odd', new Error('odd')).tries).toBe(1);
  });
});

describe('work on many things', () => {
  it('goes past the one that can not be done, sets it aside, and does not look at it again until it is taken back', async () => {
    const work = new OneByOne({ database, log: silent });
    const done: string[] = [];
    let poison = true;
    const round = () =>
      work.run(
        'overdue_job',
        ['a', 'b', 'c'],
        (key) => ({ key, about: key }),
        async (key) => {
          if (key === 'b' && poison) throw bad();
          done.push(key);
        },
      );
    await round();
    await round();
    expect(done).toEqual(['a', 'c', 'a', 'c']);
    expect(await letters()).toEqual([{ kind: 'overdue_job', key: 'b', error: 'It is bad.', tries: 1 }]);
    poison = false;
    await forgetDeadLetter(database, 'overdue_job', 'b');
    await round();
    expect(done.slice(4)).toEqual(['a', 'b', 'c']);
  });

  it('ends where something is away, and sets nothing aside', async () => {
    const work = new OneByOne({ database, log: silent });
    const round = work.run(
      'overdue_job',
      ['a'],
      (key) => ({ key, about: key }),
      () => Promise.reject(away()),
    );
    await expect(round).rejects.toThrow('Postgres is away.');
    expect(await letters()).toEqual([]);
  });
});

it('keeps one letter of a thing, with the last error', async () => {
  for (const error of ['first', 'last']) await setAside(database, { kind: 'log', key: 'k', about: 'A log' }, new Error(error), 2);
  expect(await letters()).toEqual([{ kind: 'log', key: 'k', error: 'last', tries: 4 }]);
});
