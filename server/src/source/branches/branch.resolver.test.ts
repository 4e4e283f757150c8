import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../platform/ids.js';
import { sqlOf } from '../../testing/graphql.js';
import { aMember, branchWorld } from './testing/branch-world.js';

let world: Awaited<ReturnType<typeof branchWorld>>;
let graph: ReturnType<typeof world.graph>;
let admin: { userId: string; isAdmin: boolean };

beforeAll(async () => {
  world = await branchWorld();
  graph = world.graph();
  admin = { userId: world.userId, isAdmin: false };
  await world.tree.commit('first');
  await world.tree.git('branch', 'ü/c');
  await world.tree.git('branch', 'a_c');
  await world.tree.commit('second');
  await world.tree.git('checkout', '--quiet', '-b', 'Abc', 'ü/c');
  await world.tree.commit('Say hello\n\nAt length');
  await world.tree.commit('third');
  await world.tree.git('checkout', '--quiet', '--orphan', 'stranger');
  await world.tree.commit('stranger');
  for (const branch of ['main', 'ü/c', 'a_c', 'Abc', 'stranger']) await world.push(branch);
});
afterAll(() => world.close());
beforeEach(() => world.db.query('delete from branch_rules'));

const READ = `query ($id: ID!, $name: String!) { branch(repositoryId: $id, name: $name) {
  name isDefault ahead behind head { subject } lastRun { number branch } protectedBy { pattern } } }`;
const branch = async (name: string) => (await graph.run(admin, READ, { id: world.id, name })).data?.branch;
const MAKE_RULE = `mutation ($id: ID!, $rule: BranchRuleInput!) { createBranchRule(repositoryId: $id, rule: $rule) { id pattern pushRole environments } }`;

describe('branches over GraphQL', () => {
  it('say how far they are from the default branch, and where they stand', async () => {
    expect(await branch('Abc')).toMatchObject({
      ahead: 2,
      behind: 1,
      isDefault: false,
      head: { subject: 'third' },
      lastRun: { branch: 'Abc' },
    });
    expect(await branch('ü/c')).toMatchObject({ ahead: 0, behind: 1 });
    expect(await branch('main')).toMatchObject({ ahead: 0, behind: 0, isDefault: true, protectedBy: null });
    expect(await branch('stranger')).toMatchObject({ ahead: null, behind: null });
    expect(await branch('nowhere')).toBeNull();
  });

  it('are made, merged, compared and deleted, and a rule is in force as soon as it is made', async () => {
    const { data } = await graph.run(admin, MAKE_RULE, {
      id: world.id,
      rule: { pattern: 'rel/*', pushRole: 'DEVELOPER', environments: ['staging'] },
    });
    expect(data?.createBranchRule).toMatchObject({ pattern: 'rel/*', pushRole: 'DEVELOPER', environments: ['staging'] });
    const made = await graph.run(
      admin,
      `mutation ($id: ID!) { createBranch(repositoryId: $id, name: "rel/1") { name protectedBy { pattern } } }`,
      { id: world.id },
    );
    expect(made.data?.createBranch).toEqual({ name: 'rel/1', protectedBy: { pattern: 'rel/*' } });
    const compared = await graph.run(
      admin,
      `query ($id: ID!) { compare(repositoryId: $id, base: "main", head: "Abc") { ahead behind commits(first: 1) { edges { node { subject message } } pageInfo { hasNextPage endCursor } }
        files { total truncated files { path status additions } } } }`,
      { id: world.id },
    );
    expect(compared.data?.compare).toMatchObject({
      ahead: 2,
      behind: 1,
      commits: { edges: [{ node: { subject: 'third' } }], pageInfo: { hasNextPage: true } },
    });
    const after = (compared.data?.compare as { commits: { pageInfo: { endCursor: string } } } | undefined)?.commits.pageInfo.endCursor;
    const next = await graph.run(
      admin,
      `query ($id: ID!, $after: String) { compare(repositoryId: $id, base: "main", head: "Abc") { commits(first: 1, after: $after) { edges { node { subject message } } pageInfo { hasNextPage } } } }`,
      { id: world.id, after },
    );
    expect(next.data?.compare).toEqual({
      commits: { edges: [{ node: { subject: 'Say hello', message: 'Say hello\n\nAt length' } }], pageInfo: { hasNextPage: false } },
    });
    const merged = await graph.run(
      admin,
      `mutation ($id: ID!) { mergeBranch(repositoryId: $id, source: "Abc", target: "rel/1", strategy: MERGE_COMMIT) { outcome sha conflicts { path kind message } } }`,
      { id: world.id },
    );
    expect(merged.data?.mergeBranch).toMatchObject({ outcome: 'CONFLICTS', sha: null, conflicts: [{ path: 'file.txt', kind: 'CONTENT' }] });
    const kept = await graph.run(admin, 'mutation ($id: ID!) { deleteBranch(repositoryId: $id, name: "rel/1") }', { id: world.id });
    expect(kept.errors[0]).toMatchObject({ extensions: { code: 'branch_rule' } });
  });

  it('are changed by those who may push, their rules by those who manage the repository, and seen by nobody else', async () => {
    const actors = await Promise.all((['viewer', 'developer'] as const).map((role) => aMember(world.db, world.projectId, role)));
    const [viewer, developer] = actors.map((userId) => ({ userId, isAdmin: false }));
    const codeOf = async (actor: typeof viewer, query: string) =>
      (await graph.run(actor ?? null, query, { id: world.id })).errors[0]?.extensions?.code;
    const create = 'mutation ($id: ID!) { createBranch(repositoryId: $id, name: "by-someone") { id } }';
    const rule = 'mutation ($id: ID!) { createBranchRule(repositoryId: $id, rule: { pattern: "x" }) { id } }';
    const look = 'query ($id: ID!) { mergePreview(repositoryId: $id, source: "Abc", target: "main") { canFastForward allowed } }';
    expect([await codeOf(viewer, create), await codeOf(viewer, look)]).toEqual(['forbidden', undefined]);
    expect([await codeOf(developer, create), await codeOf(developer, rule)]).toEqual([undefined, 'forbidden']);
    const stranger = { userId: newId(), isAdmin: false };
    for (const query of [create, rule, look]) expect(await codeOf(stranger, query)).toBe('repository_not_found');
    const id = await world.rule('y');
    const { errors } = await graph.run(developer ?? null, 'mutation ($id: ID!) { deleteBranchRule(id: $id) }', { id });
    expect(errors[0]).toMatchObject({ extensions: { code: 'forbidden' } });
    const changed = `mutation ($id: ID!) { updateBranchRule(id: $id, rule: { pattern: "z", allowForce: true }) { pattern allowForce } }`;
    expect((await graph.run(admin, changed, { id })).data?.updateBranchRule).toEqual({ pattern: 'z', allowForce: true });
    expect((await graph.run(admin, MAKE_RULE, { id: world.id, rule: { pattern: 'z' } })).errors[0]?.extensions?.code).toBe('rule_exists');
    expect((await graph.run(admin, 'mutation ($id: ID!) { deleteBranchRule(id: $id) }', { id })).data?.deleteBranchRule).toBe(true);
  });
});

describe('the list of branches', () => {
  type Page = { edges: { cursor: string; node: { name: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
  const list = async (args: { first?: number; after?: string; search?: string; order?: 'NAME' | 'UPDATED' }) => {
    const query = `mutation ($id: ID!, $first: Int!, $after: String, $search: String, $order: BranchOrder!) { setDefaultBranch(repositoryId: $id, name: "main") {
      branches(first: $first, after: $after, search: $search, order: $order) { edges { cursor node { name ahead protectedBy { pattern } head { sha } lastRun { id } } } pageInfo { hasNextPage endCursor } } } }`;
    const answer = await graph.run(admin, query, { id: world.id, first: 100, order: 'NAME', ...args });
    expect(answer.errors).toEqual([]);
    return (answer.data as { setDefaultBranch: { branches: Page } }).setDefaultBranch.branches;
  };
  const names = (page: Page) => page.edges.map(({ node }) => node.name);

  it('is by name or by the last push, finds by a part of the name, and pages', async () => {
    const all = names(await list({ search: 'c' }));
    expect(all).toEqual(['Abc', 'a_c', 'ü/c']);
    expect(names(await list({ search: 'BC' }))).toEqual(['Abc']);
    expect(names(await list({ search: '_' }))).toEqual(['a_c']);
    expect(names(await list({ search: '%' }))).toEqual([]);
    await world.db.query(`update branches set updated_at = '2020-01-01 00:00:00.123456+00' where name = 'a_c'`);
    await world.db.query(`update branches set updated_at = '2020-01-01 00:00:00.123457+00' where name = 'ü/c'`);
    await world.db.query(`update branches set updated_at = '2020-01-01 00:00:00.123457+00' where name = 'Abc'`);
    for (const [order, expected] of [
      ['NAME', all],
      ['UPDATED', expect.arrayContaining(all)],
    ] as const) {
      const seen: string[] = [];
      for (let after: string | undefined, more = true; more; ) {
        const page = await list({ search: 'c', first: 1, order, ...(after ? { after } : {}) });
        seen.push(...names(page));
        [after, more] = [page.pageInfo.endCursor, page.pageInfo.hasNextPage];
      }
      expect(seen).toEqual(expected);
      expect(seen).toHaveLength(3);
    }
    expect(names(await list({ search: 'c', order: 'UPDATED' })).at(-1)).toBe('a_c');
  });

  it('asks Postgres as often for a page of five as for one of one', async () => {
    await world.rule('**');
    const one = await sqlOf(world.db, () => list({ first: 1 }));
    const five = await sqlOf(world.db, () => list({ first: 5 }));
    expect(five.length).toBe(one.length);
  });
});
