import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../platform/ids.js';
import { aRepository } from '../../testing/builders.js';
import { type TestDatabase, testDatabase } from '../../testing/database.js';
import { SecretCipher } from './secret-cipher.js';
import { SecretStore } from './secret-store.js';

let database: TestDatabase;
let store: SecretStore;
let at: { userId: string; projectId: string };
let environmentId: string;

beforeAll(async () => {
  database = await testDatabase();
  store = new SecretStore(database, new SecretCipher(randomBytes(32)));
});
afterAll(() => database.close());
beforeEach(async () => {
  at = await aRepository(database);
  environmentId = newId();
  await database.query(`insert into environments (id, project_id, name) values ($1, $2, 'staging')`, [environmentId, at.projectId]);
});

const set = (name: string, value: string, environment: string | null = null) =>
  store.set({ projectId: at.projectId, environmentId: environment }, name, value, at.userId);
const values = (environment: string | null, names: string[] | 'all' = 'all') =>
  store.secretsFor(database, at.projectId, environment, names);
const versions = () => database.query('select name, version from secrets where project_id = $1 order by name, version', [at.projectId]);

describe('secrets', () => {
  it('of the environment go before those of the project; jobs get only the latter', async () => {
    await set('A', 'project');
    await set('B', 'project');
    await set('A', 'environment', environmentId);
    expect(await values(environmentId)).toEqual({ A: 'environment', B: 'project' });
    expect(await values(null)).toEqual({ A: 'project', B: 'project' });
    expect(await values(environmentId, ['B', 'UNKNOWN'])).toEqual({ B: 'project' });
  });

  it('are nowhere in the database as they are, and moved within it they do not open', async () => {
    await set('A', 'a very secret value');
    const everything = await database.query<{ row: string }>(
      `select secrets::text as row from secrets union all select history::text from history`,
    );
    expect(JSON.stringify(everything)).not.toContain('a very secret value');
    expect(JSON.stringify(everything)).not.toContain(Buffer.from('a very secret value').toString('hex'));
    const other = await aRepository(database);
    await database.query('update secrets set project_id = $2 where project_id = $1', [at.projectId, other.projectId]);
    await expect(store.secretsFor(database, other.projectId, null, 'all')).rejects.toThrow(/stored in another place/);
  });

  it('sealed with another key keep the server from starting, and only they', async () => {
    const other = new SecretStore(database, new SecretCipher(randomBytes(32)));
    await database.query('truncate secrets cascade');
    await other.refuseOtherKey();
    await set('A', 'one');
    await store.refuseOtherKey();
    await expect(other.refuseOtherKey()).rejects.toThrow(/another key/);
  });

  it('set anew are a new version; the old one stays only as long as a deployment used it', async () => {
    await set('A', 'one');
    const [first] = await store.refs(database, at.projectId, null);
    await set('A', 'two');
    expect(await versions()).toEqual([{ name: 'A', version: 2 }]);
    await expect(store.open(database, first ? [first] : [])).rejects.toThrow(/is no longer stored/);
    const refs = await store.refs(database, at.projectId, null);
    await aDeploymentWith(refs);
    await Promise.all([set('A', 'three'), set('A', 'four')]);
    expect(await versions()).toEqual([
      { name: 'A', version: 2 },
      { name: 'A', version: 4 },
    ]);
    await store.delete({ projectId: at.projectId, environmentId: null }, 'A', at.userId);
    expect(await values(null)).toEqual({});
    expect(await store.open(database, refs)).toEqual({ A: 'two' });
  });

  it('leave a trace of who wrote them', async () => {
    await set('A', 'one');
    await store.delete({ projectId: at.projectId, environmentId: null }, 'A', at.userId);
    const events = await database.query(`select event from history where thing = 'secret' and by_user = $1 order by id`, [at.userId]);
    expect(events).toEqual([{ event: 'written' }, { event: 'deleted' }]);
  });

  it.each([
    ['lower', 'x', /can't name a secret/],
    ['PORT', 'x', /set by Slipway itself/],
    ['A', '', /is empty/],
    ['A', 'x\0', /NUL/],
    ['A', 'x', /fewer than 3 characters/],
    ['A', 'ß✓', /can't be masked/],
    ['A', ' ab\n', /fewer than 3 characters/],
    ['A', 'x'.repeat(64 * 1024 + 1), /65536 are allowed/],
  ])('that are no secrets are refused: %s', (name, value, message) => {
    expect(() => set(name, value)).toThrow(message);
  });
});

async function aDeploymentWith(secrets: unknown): Promise<void> {
  const [releaseId, repository] = [
    newId(),
    await database.query<{ id: string }>('select id from repositories where project_id = $1', [at.projectId]),
  ];
  await database.query(
    `insert into releases (id, project_id, repository_id, number, commit_sha, branch, artifact_digest, artifact_size, app) values ($1, $2, $3, 1, '', '', '', 0, '{}')`,
    [releaseId, at.projectId, repository[0]?.id],
  );
  await database.query(
    `insert into deployments (id, project_id, environment_id, release_id, strategy, kind, state, configuration) values ($1, $2, $3, $4, 'recreate', 'deploy', 'succeeded', $5)`,
    [newId(), at.projectId, environmentId, releaseId, JSON.stringify({ variables: {}, secrets })],
  );
}
