import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../platform/database.js';
import { newId } from '../../platform/ids.js';
import { aRepository } from '../../testing/builders.js';
import { testDatabase } from '../../testing/database.js';
import { Access } from './access.js';
import type { Actor, Role } from './actor.js';
import { setProjectRole } from './project-role.js';

let database: Database & { close(): Promise<void> };
let access: Access;

beforeAll(async () => {
  database = await testDatabase();
  access = new Access(database);
});
afterAll(() => database.close());

async function aUser(role: Role | null, projectId: string): Promise<Actor> {
  const userId = newId();
  await database.query('insert into users (id, name, email) values ($1, $2, $3)', [userId, 'Grace', `${userId}@example.test`]);
  await database.transaction((tx) => setProjectRole(tx, { projectId, userId, role }));
  return { userId, isAdmin: false };
}

describe('Access', () => {
  it('gives each role its permissions and no more', async () => {
    const { projectId, repositoryId } = await aRepository(database);
    const repository = [{ thing: 'repository' as const, id: repositoryId }];
    const allowed = async (role: Role) => {
      const actor = await aUser(role, projectId);
      const asked = ['project.read', 'repository.push', 'deployment.create', 'secret.write'] as const;
      return Promise.all(asked.map((permission) => access.may(actor, permission, repository)));
    };
    expect(await allowed('viewer')).toEqual([true, false, false, false]);
    expect(await allowed('developer')).toEqual([true, true, false, false]);
    expect(await allowed('deployer')).toEqual([true, true, true, false]);
    expect(await allowed('admin')).toEqual([true, true, true, true]);
  });

  it('says forbidden to those who can read the project, and to strangers that there is no such thing', async () => {
    const { projectId, repositoryId } = await aRepository(database);
    const target = [{ thing: 'repository' as const, id: repositoryId }];
    await expect(access.authorise(await aUser('viewer', projectId), 'run.trigger', target)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(access.authorise(await aUser(null, projectId), 'run.trigger', target)).rejects.toMatchObject({
      code: 'repository_not_found',
    });
    const nobody = [{ thing: 'repository' as const, id: newId() }];
    await expect(access.authorise(await aUser('viewer', projectId), 'run.trigger', nobody)).rejects.toMatchObject({
      code: 'repository_not_found',
    });
    await expect(access.authorise(null, 'run.trigger', target)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('knows a project by id and by name, and takes hostile ids for unknown ones', async () => {
    const { projectId } = await aRepository(database);
    const [row] = await database.query<{ name: string }>('select name from projects where id = $1', [projectId]);
    const actor = await aUser('viewer', projectId);
    expect(await access.may(actor, 'project.read', [{ thing: 'project', id: projectId }])).toBe(true);
    expect(await access.may(actor, 'project.read', [{ thing: 'project', id: row?.name ?? '' }])).toBe(true);
    for (const id of ['', "' or true --", 'x'.repeat(10_000), '\u0000']) {
      await expect(access.authorise(actor, 'project.read', [{ thing: 'run', id }])).rejects.toMatchObject({ kind: 'not_found' });
      await expect(access.authorise(actor, 'project.read', [{ thing: 'project', id }])).rejects.toMatchObject({ kind: 'not_found' });
    }
  });

  it('refuses things of two projects in one call, even to who may use both', async () => {
    const [one, other] = [await aRepository(database), await aRepository(database)];
    const actor: Actor = { userId: one.userId, isAdmin: true };
    const mixed = access.authorise(actor, 'deployment.create', [
      { thing: 'project', id: one.projectId },
      { thing: 'repository', id: other.repositoryId },
    ]);
    await expect(mixed).rejects.toMatchObject({ code: 'repository_not_found' });
  });

  it('lists the projects of a member, and all of them to an administrator', async () => {
    const { projectId } = await aRepository(database);
    await aRepository(database);
    expect(await access.visibleProjects(await aUser('viewer', projectId))).toEqual([projectId]);
    expect(await access.visibleProjects({ userId: newId(), isAdmin: true })).toBeNull();
  });

  it('keeps what concerns the installation for administrators', async () => {
    const { projectId } = await aRepository(database);
    const actor = await aUser('admin', projectId);
    expect(await access.may(actor, 'agent.read')).toBe(true);
    expect(await access.may(actor, 'agent.manage')).toBe(false);
  });
});
