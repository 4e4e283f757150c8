import { mkdir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runGit } from '../../../platform/git.js';
import { branchWorld } from '../testing/branch-world.js';
import { MAX_FILES } from './changed-files.js';
import type { Comparison } from './compare-revisions.js';

let world: Awaited<ReturnType<typeof branchWorld>>;
const LINES = Array.from({ length: 40 }, (_, n) => `line ${n}\n`).join('');
const file = (name: string) => join(world.tree.folder, name);
const compare = (base: string, head: string) => world.branches.comparing.compare(world.id, base, head);
const filesOf = async (base: string, head: string) => (await world.branches.comparing.files(await compare(base, head), 0, 100)).files;
const patchOf = async (path: string, oldPath: string | null = null, head = 'topic') =>
  world.branches.comparing.patch(await compare('main', head), path, oldPath);

beforeAll(async () => {
  world = await branchWorld();
  await world.tree.commit('base', { 'same.txt': LINES, 'gone.txt': 'gone\n', 'old name.txt': LINES, 'a.bin': 'a\0b', '-p': 'option\n' });
  await world.tree.git('checkout', '--quiet', '-b', 'topic');
  await rename(file('old name.txt'), file('größe-日本.txt'));
  await unlink(file('gone.txt'));
  await mkdir(file('d'));
  await world.tree.commit('erste', {
    'größe-日本.txt': LINES.replace('line 3\n', 'line three\n'),
    'a.bin': 'a\0c',
    'd/new.txt': 'one\ntwo\n',
  });
  await world.tree.commit('zweite ✓', { '-p': 'changed\n' });
  await world.tree.git('checkout', '--quiet', 'main');
  await world.tree.commit('meanwhile', { 'same.txt': `${LINES}more\n` });
  await world.push('main', 'topic');
});
afterAll(() => world.close());

describe('a comparison', () => {
  it('says where the two parted, and what each has that the other has not', async () => {
    const found = await compare('main', 'topic');
    expect(found).toMatchObject({
      baseSha: await world.head('main'),
      headSha: await world.head('topic'),
      mergeBaseSha: (await world.git('rev-parse', 'main~1')).trim(),
      ahead: 2,
      behind: 1,
    });
    expect(await world.branches.comparing.commits(found, 0, 10)).toEqual((await world.git('rev-list', 'main..topic')).trim().split('\n'));
    expect(await world.branches.comparing.commits(found, 1, 1)).toEqual([(await world.git('rev-parse', 'topic~1')).trim()]);
    expect(await compare('topic', 'topic')).toMatchObject({ ahead: 0, behind: 0 });
  });

  it('lists the files that the head changed, renames seen, and not what happened to the base meanwhile', async () => {
    expect(await filesOf('main', 'topic')).toEqual([
      { path: '-p', oldPath: null, status: 'modified', additions: 1, deletions: 1, isBinary: false },
      { path: 'a.bin', oldPath: null, status: 'modified', additions: null, deletions: null, isBinary: true },
      { path: 'd/new.txt', oldPath: null, status: 'added', additions: 2, deletions: 0, isBinary: false },
      { path: 'gone.txt', oldPath: null, status: 'deleted', additions: 0, deletions: 1, isBinary: false },
      { path: 'größe-日本.txt', oldPath: 'old name.txt', status: 'renamed', additions: 1, deletions: 1, isBinary: false },
    ]);
    const page = await world.branches.comparing.files(await compare('main', 'topic'), 4, 1);
    expect(page).toMatchObject({ total: 5, truncated: false, files: [{ path: 'größe-日本.txt', status: 'renamed', additions: 1 }] });
  });

  it('shows how one file differs; of what is no text, only that it does', async () => {
    expect(await patchOf('größe-日本.txt', 'old name.txt')).toMatchObject({
      text: expect.stringMatching(/^@@ [\s\S]*-line 3\n\+line three\n/),
      truncated: false,
    });
    expect((await patchOf('-p')).text).toBe('@@ -1 +1 @@\n-option\n+changed\n');
    expect(await patchOf('a.bin')).toEqual({ text: '', isBinary: true, truncated: false });
    for (const path of ['nowhere', '*', ':(glob)**', '--output=/tmp/x', '.git'])
      expect(await patchOf(path)).toMatchObject({ text: '', truncated: false });
    for (const path of ['a\0b', '', '../../HEAD', '/etc/passwd', 'd/./new.txt'])
      await expect(patchOf(path)).rejects.toMatchObject({ code: 'bad_path' });
  });

  it('cuts a long patch and a long list, and says so', async () => {
    await world.tree.git('checkout', '--quiet', '-b', 'huge', 'main');
    await world.tree.commit('huge', { 'huge.txt': 'é line of text\n'.repeat(40_000) });
    const blob = (await world.tree.git('rev-parse', 'main:gone.txt')).trim();
    const entries = Array.from({ length: MAX_FILES + 10 }, (_, n) => `100644 blob ${blob}\tf${String(n).padStart(5, '0')}\n`);

    const tree = (await runGit(['mktree'], { cwd: world.tree.folder, input: entries.join('') })).trim();
    const many = (await world.tree.git('commit-tree', tree, '-p', 'main', '-m', 'many')).trim();
    await world.push('huge', `${many}:refs/heads/many`);
    const patch = await patchOf('huge.txt', null, 'huge');
    expect(patch).toMatchObject({ truncated: true, isBinary: false });
    expect(Buffer.byteLength(patch.text)).toBeLessThanOrEqual(256 * 1024);
    expect(patch.text.endsWith('+é line of text\n')).toBe(true);
    const found = await world.branches.comparing.files(await compare('main', 'many'), MAX_FILES - 2, 50);
    expect(found).toMatchObject({ total: MAX_FILES, truncated: true });
    expect(found.files).toHaveLength(2);
  });

  it('of histories that have nothing in common shows all differences and counts nothing', async () => {
    await world.tree.git('checkout', '--quiet', '--orphan', 'stranger');
    await world.tree.git('rm', '-rfq', '.');
    await world.tree.commit('stranger', { 'z.txt': 'z\n' });
    await world.push('stranger');
    expect(await compare('main', 'stranger')).toMatchObject({ mergeBaseSha: null, ahead: null, behind: null });
    expect((await filesOf('main', 'stranger')).map(({ path }) => path)).toContain('z.txt');
  });

  it('goes on when the branch is deleted while its pages are read', async () => {
    await world.branches.createBranch(world.id, { name: 'passing', from: 'topic' }, world.userId);
    const found: Comparison = await compare('main', 'passing');
    await world.branches.deleteBranch(world.id, { name: 'passing', evenWithPullRequests: false }, world.userId);
    expect(await world.branches.comparing.commits(found, 0, 10)).toHaveLength(2);
    expect((await world.branches.comparing.files(found, 0, 10)).total).toBe(5);
    expect(await compare(found.baseSha, found.headSha)).toEqual(found);
    await expect(compare('main', 'passing')).rejects.toMatchObject({ code: 'revision_not_found' });
  });
});
