import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEAD_LETTER_KINDS, setAside } from '../../platform/dead-letters.js';
import { newId } from '../../platform/ids.js';
import { aRepository } from '../../testing/builders.js';
import { type TestDatabase, testDatabase } from '../../testing/database.js';
import { testGraph } from '../../testing/graphql.js';
import { DeadLetterQueries, deadLettersByKind } from './dead-letter.queries.js';
import { DeadLetterResolver } from './dead-letter.resolver.js';
import { discardDeadLetter, type Retry, retryDeadLetter } from './retry-dead-letter.js';

let database: TestDatabase;
let at: { userId: string; projectId: string; repositoryId: string };
let retry: Retry;
let audit: object[];

beforeAll(async () => {
  database = await testDatabase();
  at = await aRepository(database);
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.query('truncate dead_letters');
  [retry, audit] = [async () => undefined, []];
});

const admin = () => ({ userId: at.userId, isAdmin: true });

function graph() {
  const retries = Object.fromEntries(DEAD_LETTER_KINDS.map((kind) => [kind, ((...args) => retry(...args)) as Retry]));
  const deps = {
    database,
    retries: retries as Record<(typeof DEAD_LETTER_KINDS)[number], Retry>,
    log: { info: (facts: object) => void audit.push(facts) },
  };
  return testGraph(database, [
    new DeadLetterResolver({
      queries: new DeadLetterQueries(database),
      retry: (id, userId) => retryDeadLetter(deps, id, userId),
      discard: (id, userId) => discardDeadLetter(deps, id, userId),
    }),
  ]);
}

const LIST =
  '{ deadLetters(first: 2) { edges { node { id kind about error tries projectName repositoryName } } pageInfo { hasNextPage } } deadLetterCount }';
const aLetter = (key: string) =>
  setAside(database, { kind: 'push', key, about: `Push ${key}`, repositoryId: at.repositoryId }, new Error('It is bad.'), 3);
const idOf = async (key: string) => (await database.query<{ id: string }>('select id from dead_letters where key = $1', [key]))[0]?.id;
const RETRY = 'mutation ($id: ID!) { retryDeadLetter(id: $id) }';

describe('what was set aside', () => {
  it('is listed with its error, newest first, a page at a time, and counted by kind', async () => {
    for (const key of ['a', 'b', 'c']) await aLetter(key);
    const { data } = await graph().run(admin(), LIST);
    expect(data).toMatchObject({
      deadLetters: {
        edges: [
          { node: { kind: 'PUSH', about: 'Push c', error: 'It is bad.', tries: 3, repositoryName: 'app' } },
          { node: { about: 'Push b' } },
        ],
        pageInfo: { hasNextPage: true },
      },
      deadLetterCount: 3,
    });
    expect(await deadLettersByKind(database)).toEqual([{ labels: { kind: 'push' }, value: 3 }]);
  });

  it('is for administrators alone', async () => {
    await aLetter('a');
    const somebody = { userId: at.userId, isAdmin: false };
    expect((await graph().run(somebody, LIST)).errors).toMatchObject([{ extensions: { code: 'forbidden' } }]);
    expect((await graph().run(somebody, RETRY, { id: await idOf('a') })).errors).toMatchObject([{ extensions: { code: 'forbidden' } }]);
    expect(await idOf('a')).toBeDefined();
  });

  it('is gone when it is taken this time, which is noted with who asked', async () => {
    await aLetter('a');
    expect((await graph().run(admin(), RETRY, { id: await idOf('a') })).data).toEqual({ retryDeadLetter: 0 });
    expect(audit).toMatchObject([
      { 'event.action': 'tried_again', 'user.id': at.userId, 'slipway.dead_letter': { kind: 'push', key: 'a' } },
    ]);
  });

  it('stays with its new error when it still can not be taken, and nothing of the try stays', async () => {
    await aLetter('a');
    retry = async (tx) => {
      await tx.query(`insert into settings (name, value) values ('half', '1')`);
      throw new TypeError('It is worse.');
    };
    const { errors } = await graph().run(admin(), RETRY, { id: await idOf('a') });
    expect(errors).toMatchObject([{ message: expect.stringContaining('It is worse.'), extensions: { code: 'still_refused' } }]);
    expect(await database.query('select error, tries from dead_letters')).toEqual([{ error: 'It is worse.', tries: 4 }]);
    expect(await database.query(`select 1 from settings where name = 'half'`)).toEqual([]);
    expect(audit).toEqual([]);
  });

  it('is tried once by two who ask at the same moment', async () => {
    await aLetter('a');
    let calls = 0;
    retry = async () => void calls++;
    const id = await idOf('a');
    const answers = await Promise.all([graph().run(admin(), RETRY, { id }), graph().run(admin(), RETRY, { id })]);
    expect(calls).toBe(1);
    expect(answers.flatMap(({ errors }) => errors)).toMatchObject([{ extensions: { code: 'dead_letter_not_found' } }]);
  });

  it('can be discarded, and one that is not there is not found', async () => {
    await aLetter('a');
    const discard = (id?: string) => graph().run(admin(), 'mutation ($id: ID!) { discardDeadLetter(id: $id) }', { id });
    expect((await discard(await idOf('a'))).data).toEqual({ discardDeadLetter: 0 });
    expect((await discard(newId())).errors).toMatchObject([{ extensions: { code: 'dead_letter_not_found' } }]);
  });
});
