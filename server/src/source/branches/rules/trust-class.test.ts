import { afterAll, beforeAll, expect, it } from 'vitest';
import { newId } from '../../../platform/ids.js';
import { aRepository } from '../../../testing/builders.js';
import { type TestDatabase, testDatabase } from '../../../testing/database.js';
import { trustClassOf } from './trust-class.js';

let db: TestDatabase;
let repositoryId: string;

beforeAll(async () => {
  db = await testDatabase();
  ({ repositoryId } = await aRepository(db));
  for (const pattern of ['main', 'release/*'])
    await db.query('insert into branch_rules (id, repository_id, pattern) values ($1, $2, $3)', [newId(), repositoryId, pattern]);
});
afterAll(() => db.close());

const classOf = (ref: string, over: { trusted?: boolean; pullRequestId?: string } = {}) =>
  trustClassOf(db, { repositoryId, ref, trusted: true, pullRequestId: null, ...over });

it('is one for all refs that no rule protects, and one for each rule', async () => {
  const [main, one, two, topic, other, tag] = await Promise.all(
    ['heads/main', 'heads/release/1', 'heads/release/2', 'heads/topic', 'heads/release/1/fix', 'tags/v1'].map((ref) =>
      classOf(`refs/${ref}`),
    ),
  );
  expect(one).toBe(two);
  expect(topic).toBe(other);
  expect(new Set([main, one, topic, tag]).size).toBe(4);
});

it('is none for pull requests, and for code that is not trusted', async () => {
  expect(await classOf('refs/pull/1/merge', { pullRequestId: newId() })).toBeNull();
  expect(await classOf('refs/heads/main', { trusted: false })).toBeNull();
});
