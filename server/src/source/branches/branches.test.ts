import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../platform/ids.js';
import type { RefChange } from '../mirrors/ports.js';
import { runsOf } from '../repositories/testing/hosted.js';
import { changeRefsWith } from './change-refs.js';
import { aMember, branchWorld } from './testing/branch-world.js';

const NAMES = ['größe-日本-✓', "it's;a$(x)`y`", '%00', '@x'];
let world: Awaited<ReturnType<typeof branchWorld>>;
let atHost: { repositoryId: string; changes: readonly RefChange[] }[] = [];
let first = '';
let second = '';

beforeAll(async () => {
  world = await branchWorld({ push: async (repositoryId, changes) => void atHost.push({ repositoryId, changes }) });
  first = await world.tree.commit('first');
  await world.tree.git('tag', 'v1');
  await world.tree.git('tag', '-a', '-m', 'annotated', 'v1-annotated');
  second = await world.tree.commit('second');
  await world.push('main', 'v1', 'v1-annotated');
});
afterAll(() => world.close());
beforeEach(async () => {
  atHost = [];
  await world.db.query('delete from branch_rules');
});

const create = (name: string, from: string | null = null, userId = world.userId) =>
  world.branches.createBranch(world.id, { name, from }, userId);
const remove = (name: string, evenWithPullRequests = false, userId = world.userId) =>
  world.branches.deleteBranch(world.id, { name, evenWithPullRequests }, userId);
const rowOf = async (name: string) =>
  (
    await world.db.query<{ sha: string }>('select head_sha as sha from branches where repository_id = $1 and name = $2', [world.id, name])
  )[0]?.sha;

describe('a new branch', () => {
  it('starts from the default branch, a branch, either kind of tag, or a commit, and its run starts as for any push', async () => {
    expect(await create('a')).toEqual({ name: 'a', sha: second });
    for (const [n, from] of ['v1', 'v1-annotated', first, first.slice(0, 9), 'refs/tags/v1'].entries())
      expect(await create(`b${n}`, from)).toEqual({ name: `b${n}`, sha: first });
    expect(await create('c', 'a')).toEqual({ name: 'c', sha: second });
    expect(await rowOf('b1')).toBe(first);
    expect(await runsOf(world.db, world.id)).toContain(`b1 ${first}`);
    expect(await world.db.query(`select pushed_by as by from pushes where ref = 'refs/heads/b1'`)).toEqual([{ by: world.userId }]);
  });

  it.each(NAMES)('may be called %s', async (name) => {
    await create(name);
    expect(await world.head(name)).toBe(second);
    expect(await rowOf(name)).toBe(second);
    await remove(name);
    expect(await rowOf(name)).toBeUndefined();
  });

  it.each(['-d', '--stdin', 'a b', 'a\ndelete refs/heads/main', 'a\0b', 'refs/heads/x', '../x', ''])(
    'may not be called %j',
    async (name) => {
      await expect(create(name)).rejects.toMatchObject({ code: 'bad_branch_name' });
      expect(await world.head('main')).toBe(second);
    },
  );

  it.each([
    'nowhere',
    '--all',
    'HEAD',
    'main~1',
    'main^{tree}',
    '@{-1}',
    ':/first',
    'main:file.txt',
    'refs/slipway/x',
    '../../etc/passwd',
    '',
  ])('does not start from %j', async (from) => {
    await expect(create('never', from)).rejects.toMatchObject({ code: 'revision_not_found' });
  });

  it('is made once, however many ask at the same time, and not beside a name that Git can not keep with it', async () => {
    const all = await Promise.allSettled(['main', 'v1', 'main', 'v1'].map((from) => create('once', from)));
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const each of all) if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'branch_exists' });
    await expect(create('once/more')).rejects.toMatchObject({ code: 'branch_name_taken', message: expect.stringContaining('"once"') });
    await create('deep/er');
    await expect(create('deep')).rejects.toMatchObject({ code: 'branch_name_taken', message: expect.stringContaining('"deep/er"') });
  });

  it('is for those whom the rule of its name lets push', async () => {
    const developer = await aMember(world.db, world.projectId, 'developer');
    await world.rule('release/**', { pushRole: 'deployer' });
    await expect(create('release/1', null, developer)).rejects.toMatchObject({
      code: 'branch_rule',
      message: expect.stringContaining('deployer'),
    });
    expect(await create('release/1')).toMatchObject({ name: 'release/1' });
  });
});

describe('deleting a branch', () => {
  it('is refused for the default one, for one that is not there, and where a rule says so', async () => {
    await expect(remove('main')).rejects.toMatchObject({ code: 'default_branch' });
    await expect(remove('nowhere')).rejects.toMatchObject({ code: 'revision_not_found' });
    await create('kept/1');
    await world.rule('kept/*', { pushRole: 'developer' });
    await expect(remove('kept/1')).rejects.toMatchObject({ code: 'branch_rule', message: expect.stringContaining('may not be deleted') });
    await world.rule('kept/1', { pushRole: 'developer', allowDelete: true });
    await remove('kept/1');
    expect(await rowOf('kept/1')).toBeUndefined();
  });

  it('names the open pull requests that come from it, and is done all the same when asked to', async () => {
    await create('topic');
    await world.db.query(
      `insert into pull_requests (id, repository_id, number, title, author, state, source_branch, is_fork, base_branch, head_sha, opened_at, updated_at)
       values ($1, $2, 7, 'Add it', 'ada', 'open', 'topic', false, 'main', $3, now(), now())`,
      [newId(), world.id, second],
    );
    await expect(remove('topic')).rejects.toMatchObject({ code: 'open_pull_requests', message: expect.stringContaining('#7 "Add it"') });
    await remove('topic', true);
    expect(await rowOf('topic')).toBeUndefined();
  });
});

it.each(['@', 'HEAD', '-x', 'refs/heads/x', 'd'.repeat(40), 'n'.repeat(250), 'a\u2028b', 'a\u0085b'])(
  'a branch that was pushed as %j is found, though none would be made by that name here',
  async (name) => {
    await world.push(`main:refs/heads/${name}`);
    await expect(create(name)).rejects.toMatchObject({ code: 'bad_branch_name' });
    await world.branches.setDefaultBranch(world.id, name, world.userId);
    await world.branches.setDefaultBranch(world.id, 'main', world.userId);
    await remove(name);
    expect(await rowOf(name)).toBeUndefined();
  },
);

describe('the default branch', () => {
  it('is what a clone checks out, and what can not be deleted', async () => {
    await create('trunk');
    await world.branches.setDefaultBranch(world.id, 'trunk', world.userId);
    expect((await world.git('symbolic-ref', 'HEAD')).trim()).toBe('refs/heads/trunk');
    await expect(remove('trunk')).rejects.toMatchObject({ code: 'default_branch' });
    await expect(world.branches.setDefaultBranch(world.id, 'nowhere', world.userId)).rejects.toMatchObject({ code: 'revision_not_found' });
    await world.branches.setDefaultBranch(world.id, 'main', world.userId);
  });
});

describe('refs', () => {
  const change = (ref: string, oldSha: string, newSha: string) =>
    world.branches.changeRefs(
      { id: world.id, kind: 'hosted' },
      [
        { ref: 'refs/heads/sure', oldSha: second, newSha: first },
        { ref, oldSha, newSha },
      ],
      world.userId,
    );

  it('move all or none, each only from where it was seen', async () => {
    await create('sure');
    await create('moving');
    await expect(change('refs/heads/moving', first, second)).rejects.toMatchObject({
      code: 'ref_moved',
      message: expect.stringContaining('"moving"'),
    });
    expect(await world.head('sure')).toBe(second);
    await change('refs/heads/moving', second, first);
    expect([await world.head('sure'), await rowOf('moving')]).toEqual([first, first]);
  });

  it('of an external repository are moved at its host; without a way there it says so', async () => {
    const changes = [{ ref: 'refs/heads/x', oldSha: '0'.repeat(40), newSha: first }];
    await world.branches.changeRefs({ id: world.id, kind: 'external' }, changes, world.userId);
    expect(atHost).toEqual([{ repositoryId: world.id, changes }]);
    const alone = changeRefsWith({ store: world.hosted.store, pushes: { ingest: async () => undefined } });
    await expect(alone({ id: world.id, kind: 'external' }, changes, world.userId)).rejects.toMatchObject({ code: 'external_repository' });
  });
});
