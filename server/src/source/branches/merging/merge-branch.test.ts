import { mkdir, rename, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../../platform/ids.js';
import { runsOf } from '../../repositories/testing/hosted.js';
import { aMember, branchWorld } from '../testing/branch-world.js';
import type { MergeRequest, MergeStrategy } from './merge-branch.js';

let world: Awaited<ReturnType<typeof branchWorld>>;
let n = 0;
let [main, topic] = ['', ''];

beforeAll(async () => {
  world = await branchWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.db.query('delete from branch_rules');
  n++;
  [main, topic] = [`main-${n}`, `topic-${n}`];
});

type Change = Record<string, string> | (() => Promise<unknown>);
const file = (name: string) => join(world.tree.folder, name);

/** Two branches from one commit with `base`, each with a change of its own. */
async function part(base: Record<string, string>, ours: Change | null, theirs: Change): Promise<void> {
  await world.tree.git('checkout', '--quiet', '--orphan', main);
  await world.tree.git('rm', '-rfq', '--ignore-unmatch', '.');
  await rm(file('d'), { recursive: true, force: true });
  await world.tree.commit('base', base);
  await world.tree.git('checkout', '--quiet', '-b', topic);
  await make('theirs', theirs);
  await world.tree.git('checkout', '--quiet', main);
  if (ours) await make('ours', ours);
  await world.push(main, topic);
}

async function make(message: string, change: Change): Promise<void> {
  if (typeof change === 'function') await change();
  await world.tree.commit(message, typeof change === 'function' ? {} : change);
}

const merge = (strategy: MergeStrategy, over: Partial<MergeRequest> = {}, userId = world.userId) =>
  world.branches.mergeBranch(world.id, { source: topic, target: main, strategy, message: null, expectedSourceSha: null, ...over }, userId);
const preview = (userId = world.userId) => world.branches.mergePreview(world.id, { source: topic, target: main }, userId);
const show = async (format: string, sha: string) => (await world.git('show', '-s', `--format=${format}`, sha)).trim();
const LINES = 'one\ntwo\nthree\nfour\nfive\n';

describe('a merge', () => {
  it('by fast-forward moves the target, and starts a run as a push does', async () => {
    await part({ 'a.txt': 'a' }, null, { 'b.txt': 'b' });
    const sha = await world.head(topic);
    expect(await preview()).toMatchObject({ canFastForward: true, isUpToDate: false, conflicts: [], allowed: true, rule: null });
    expect(await merge('fast_forward')).toEqual({ outcome: 'merged', sha, conflicts: [] });
    expect(await world.head(main)).toBe(sha);
    expect((await runsOf(world.db, world.id)).at(-1)).toBe(`${main} ${sha}`);
    expect(await merge('fast_forward')).toMatchObject({ outcome: 'up_to_date', sha });
    expect(await preview()).toMatchObject({ isUpToDate: true });
  });

  it('by fast-forward is refused when the target has commits of its own, and nothing changes', async () => {
    await part({ 'a.txt': 'a' }, { 'c.txt': 'c' }, { 'b.txt': 'b' });
    const before = await world.head(main);
    await expect(merge('fast_forward')).rejects.toMatchObject({ code: 'not_fast_forward' });
    expect(await world.head(main)).toBe(before);
  });

  it('by merge commit has both as parents, is written by who asked for it and committed by Slipway', async () => {
    await part({ 'a.txt': LINES }, { 'c.txt': 'c' }, { 'b.txt': 'b' });
    const parents = [await world.head(main), await world.head(topic)];
    const userId = await aMember(world.db, world.projectId, 'developer');
    const { sha } = await merge('merge_commit', {}, userId);
    expect(await show('%P', sha ?? '')).toBe(parents.join(' '));
    expect(await show('%an|%ae|%cn', sha ?? '')).toBe(`Grace  Hopper|${userId}@example.test|Slipway`);
    expect(await show('%s', sha ?? '')).toBe(`Merge "${topic}" into "${main}"`);
    expect((await world.git('ls-tree', '--name-only', sha ?? '')).trim().split('\n')).toEqual(['a.txt', 'b.txt', 'c.txt']);
    expect(await world.db.query('select head_sha as sha from branches where repository_id = $1 and name = $2', [world.id, main])).toEqual([
      { sha },
    ]);
  });

  it('by squash is one commit that lists what it replaces, or has the message given', async () => {
    await part({ 'a.txt': 'a' }, { 'c.txt': 'c' }, async () => {
      await world.tree.commit('first change', { 'b.txt': '1' });
      await world.tree.commit('zweite Änderung ✓', { 'b.txt': '2' });
    });
    const target = await world.head(main);
    const { sha } = await merge('squash');
    expect(await show('%P', sha ?? '')).toBe(target);
    expect(await show('%B', sha ?? '')).toBe(`Squash "${topic}" into "${main}"\n\n- first change\n- zweite Änderung ✓\n- theirs`);
    expect(await merge('squash')).toMatchObject({ outcome: 'up_to_date', sha });
  });

  it('takes a message as text, whatever it looks like', async () => {
    await part({ 'a.txt': 'a' }, { 'c.txt': 'c' }, { 'b.txt': 'b' });
    const { sha } = await merge('squash', { message: '-F /etc/passwd\n\nBy hand: größer' });
    expect(await show('%B', sha ?? '')).toBe('-F /etc/passwd\n\nBy hand: größer');
    await expect(merge('squash', { message: ' \n' })).rejects.toMatchObject({ code: 'bad_message' });
  });

  it('keeps a change to a file that the other side renamed', async () => {
    await part({ 'a.txt': LINES }, { 'a.txt': `${LINES}six\n` }, () => rename(file('a.txt'), file('moved.txt')));
    const { sha } = await merge('merge_commit');
    expect(await world.git('show', `${sha}:moved.txt`)).toBe(`${LINES}six\n`);
  });

  it.each<[string, Record<string, string>, Change, Change, string, string]>([
    [
      'the same lines',
      { 'a.txt': LINES },
      { 'a.txt': LINES.replace('two', 'zwei') },
      { 'a.txt': LINES.replace('two', 'deux') },
      'a.txt',
      'content',
    ],
    ['a file that both add', { 'a.txt': 'a' }, { 'new ✓.txt': 'ours' }, { 'new ✓.txt': 'theirs' }, 'new ✓.txt', 'add_add'],
    [
      'a file deleted here and changed there',
      { 'a.txt': LINES },
      () => unlink(file('a.txt')),
      { 'a.txt': `${LINES}six` },
      'a.txt',
      'modify_delete',
    ],
    [
      'a file renamed twice',
      { 'a.txt': LINES },
      () => rename(file('a.txt'), file('x.txt')),
      () => rename(file('a.txt'), file('y.txt')),
      'a.txt',
      'rename_rename',
    ],
    [
      'a file deleted here and renamed there',
      { 'a.txt': LINES, 'k.txt': 'k' },
      () => unlink(file('a.txt')),
      () => rename(file('a.txt'), file('y.txt')),
      'y.txt',
      'rename_delete',
    ],
    ['bytes that both change', { 'a.bin': 'a\0b' }, { 'a.bin': 'ours\0' }, { 'a.bin': 'theirs\0' }, 'a.bin', 'binary'],
  ])('names the conflict of %s, and changes nothing', async (_what, base, ours, theirs, path, kind) => {
    await part(base, ours, theirs);
    const before = await world.git('for-each-ref');
    const objects = await world.git('count-objects', '-v');
    const { conflicts } = await preview();
    expect(conflicts).toEqual([{ path, kind, message: expect.stringContaining(`"${path}"`) }]);
    expect(conflicts[0]?.message).toContain(main);
    expect(await world.git('count-objects', '-v')).toBe(objects);
    for (const strategy of ['merge_commit', 'squash'] as const)
      expect(await merge(strategy)).toEqual({ outcome: 'conflicts', sha: null, conflicts });
    expect(await world.git('for-each-ref')).toBe(before);
  });

  it('of a file into a folder names the file', async () => {
    await part({ 'k.txt': 'k' }, { d: 'a file' }, async () => {
      await world.tree.git('checkout', '--quiet', topic);
      await mkdir(file('d'));
      await world.tree.commit('folder', { 'd/x': 'x' });
    });
    expect(await merge('merge_commit')).toMatchObject({ outcome: 'conflicts', conflicts: [{ kind: 'file_directory' }] });
  });

  it('of several at once into one branch loses none', async () => {
    await part({ 'a.txt': 'a' }, { 'c.txt': 'c' }, { 'b.txt': 'b' });
    const others = await Promise.all(
      [1, 2, 3].map(async (each) => {
        const { name } = await world.branches.createBranch(world.id, { name: `${topic}-${each}`, from: main }, world.userId);
        return name;
      }),
    );
    for (const name of others) {
      await world.tree.git('checkout', '--quiet', '--detach', main);
      await world.tree.commit(name, { [`${name}.txt`]: name });
      await world.push(`HEAD:refs/heads/${name}`);
    }
    const results = await Promise.all(others.map((source) => merge('merge_commit', { source })));
    expect(results.map(({ outcome }) => outcome)).toEqual(['merged', 'merged', 'merged']);
    const files = await world.git('ls-tree', '--name-only', main);
    for (const name of others) expect(files).toContain(`${name}.txt`);
  });

  it('is refused when the source is not what was looked at, when there is none, or when nothing is common', async () => {
    await part({ 'a.txt': 'a' }, { 'c.txt': 'c' }, { 'b.txt': 'b' });
    const expectedSourceSha = await world.head(main);
    await expect(merge('squash', { expectedSourceSha })).rejects.toMatchObject({ code: 'ref_moved' });
    for (const source of ['nowhere', '--all', '@{-1}', 'HEAD~1', `${topic}^`, ':/theirs', ''])
      await expect(merge('squash', { source })).rejects.toMatchObject({ code: 'revision_not_found' });
    await expect(merge('squash', { target: await world.head(main) })).rejects.toMatchObject({ code: 'revision_not_found' });
    await world.tree.git('checkout', '--quiet', '--orphan', `other-${n}`);
    await world.tree.commit('stranger', { 'z.txt': 'z' });
    await world.push(`other-${n}`);
    await expect(merge('merge_commit', { source: `other-${n}` })).rejects.toMatchObject({ code: 'unrelated_histories' });
  });
});

describe('a merge into a protected branch', () => {
  let runs = 0;

  async function runOf(sha: string, jobs: Record<string, string>, trigger = 'push'): Promise<void> {
    const runId = newId();
    await world.db.query(
      `insert into runs (id, project_id, repository_id, number, branch, commit_sha, trigger, state)
       values ($1, $2, $3, $6, 'x', $4, $5, 'running')`,
      [runId, world.projectId, world.id, sha, trigger, 1_000_000 + runs++],
    );
    for (const [name, state] of Object.entries(jobs))
      await world.db.query(
        `insert into jobs (id, run_id, project_id, position, name, kind, spec, state, timeout_ms) values ($1, $2, $3, 0, $4, 'build', '{}', $5, 1)`,
        [newId(), runId, world.projectId, name, state],
      );
  }

  it('needs every job that the rule names to have succeeded in the newest run of the commit', async () => {
    await part({ 'a.txt': 'a' }, { 'c.txt': 'c' }, { 'b.txt': 'b' });
    await world.rule(main, { requiredJobs: ['unit', 'lint'] });
    const sha = await world.head(topic);
    await expect(merge('squash')).rejects.toMatchObject({ code: 'checks_missing', message: expect.stringContaining('"unit" (not run)') });
    await runOf(sha, { unit: 'succeeded', lint: 'succeeded' });
    await runOf(sha, { unit: 'succeeded', lint: 'failed' });
    expect((await preview()).missingChecks).toEqual([{ job: 'lint', state: 'failed' }]);
    await expect(merge('squash')).rejects.toMatchObject({ code: 'checks_missing' });
    await runOf(sha, { unit: 'succeeded', lint: 'succeeded' });
    await runOf(sha, { 'deploy production': 'failed' }, 'deploy');
    await runOf(sha, { unit: 'failed' }, 'manual');
    await world.db.query(`update runs set partial = true where trigger = 'manual' and commit_sha = $1`, [sha]);
    expect((await preview()).missingChecks).toEqual([]);
    expect((await merge('squash')).outcome).toBe('merged');
  });

  it('needs the role that the rule asks for; where nobody pushes, that of a developer', async () => {
    await part({ 'a.txt': 'a' }, { 'c.txt': 'c' }, { 'b.txt': 'b' });
    const developer = await aMember(world.db, world.projectId, 'developer');
    await world.rule('main-*', { pushRole: 'admin' });
    await expect(merge('squash', {}, developer)).rejects.toMatchObject({
      code: 'branch_rule',
      message: expect.stringContaining('"main-*"'),
    });
    expect(await preview(developer)).toMatchObject({ allowed: false, rule: { pattern: 'main-*' } });
    await world.rule(main, { pushRole: null });
    expect((await merge('squash', {}, developer)).outcome).toBe('merged');
  });
});
