import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { NAME_PATTERN_MODULE } from '@slipway/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runGit } from '../../../platform/git.js';
import { aMember, branchWorld } from '../testing/branch-world.js';

let world: Awaited<ReturnType<typeof branchWorld>>;
let developer = '';

beforeAll(async () => {
  world = await branchWorld();
  developer = await aMember(world.db, world.projectId, 'developer');
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.db.query('delete from branch_rules');
  await world.tree.git('checkout', '--quiet', '-B', 'work');
  await world.tree.commit('more');
});

const pushAs = (userId: string, ...refs: string[]) => world.tree.git('push', '--quiet', world.urlFor(userId), ...refs);
const there = async (branch: string) =>
  (await world.git('for-each-ref', '--format=%(refname:short)', `refs/heads/${branch}`)).trim() === branch;

describe('a push over HTTP', () => {
  it('is free where no rule fits', async () => {
    await world.rule('release/*');
    await pushAs(developer, 'work:free', 'work:release/0/fix');
    expect(await there('release/0/fix')).toBe(true);
  });

  it('to a protected branch is refused with the rule, why, and what to do, and so are the other refs of the push', async () => {
    await world.rule('release/*', { pushRole: 'deployer' });
    const refused = pushAs(developer, 'work:refs/heads/release/1', 'work:beside');
    await expect(refused).rejects.toThrow(/the branch rule "release\/\*" protects "release\/1": only somebody with the role of deployer/);
    await expect(refused).rejects.toThrow(/merge that in Slipway/);
    expect([await there('release/1'), await there('beside')]).toEqual([false, false]);
    await pushAs(world.userId, 'work:refs/heads/release/1');
    expect(await there('release/1')).toBe(true);
  });

  it('is refused to admins too where work comes in by merges alone', async () => {
    await world.rule('locked');
    await expect(pushAs(world.userId, 'work:locked')).rejects.toThrow(/nobody may push to it/);
  });

  it('that rewrites history or deletes is refused unless the rule allows it', async () => {
    await world.rule('kept-*', { pushRole: 'developer' });
    await pushAs(developer, 'work:kept-größe');
    await world.tree.commit('next');
    await pushAs(developer, 'work:kept-größe');
    await world.tree.git('commit', '--quiet', '--amend', '-m', 'instead');
    await expect(pushAs(developer, '--force', 'work:kept-größe')).rejects.toThrow(/history may not be rewritten/);
    await expect(pushAs(developer, '--force', 'work~2:kept-größe')).rejects.toThrow(/history may not be rewritten/);
    await expect(pushAs(developer, ':kept-größe')).rejects.toThrow(/may not be deleted/);
    await world.rule('kept-gr*', { pushRole: 'developer', allowForce: true, allowDelete: true });
    await pushAs(developer, '--force', 'work:kept-größe');
    await pushAs(developer, ':kept-größe');
    expect(await there('kept-größe')).toBe(false);
  });

  it('takes nothing but branches and tags, says so, and lets a leftover be deleted', async () => {
    const sha = (await world.tree.git('rev-parse', 'work')).trim();
    await pushAs(developer, 'work:kept-there');
    for (const ref of [
      `refs/replace/${sha}`,
      'refs/notes/commits',
      'refs/for/main',
      'refs/pull/1/head',
      'refs/changes/01/1/1',
      'refs/x/y',
    ]) {
      const refused = pushAs(developer, `work:${ref}`, 'work:refs/heads/beside-others');
      await expect(refused).rejects.toThrow(/neither a branch nor a tag.*Push branches \(refs\/heads/s);
      await runGit(['update-ref', ref, sha], { gitDir: world.gitDir });
      await pushAs(developer, `:${ref}`);
      expect(await world.git('for-each-ref', ref)).toBe('');
    }
    expect(await there('beside-others')).toBe(false);
    await expect(pushAs(developer, 'work:refs/slipway/pulls/1/merge')).rejects.toThrow();
    expect(await world.git('for-each-ref', 'refs/slipway')).toBe('');
  });

  it('is not deceived about history by replacements that are there', async () => {
    await pushAs(developer, 'work:shielded');
    await world.rule('shielded', { pushRole: 'developer' });
    const before = (await world.tree.git('rev-parse', 'work')).trim();
    const made = async (...args: string[]) => (await world.tree.git('commit-tree', 'work^{tree}', '-m', 'made up', ...args)).trim();
    const unrelated = await made();
    const replacement = await made('-p', before);
    await pushAs(developer, `${unrelated}:refs/heads/unrelated`, `${replacement}:refs/heads/replacement`);
    const replace = (replaced: string, by: string) => runGit(['update-ref', `refs/replace/${replaced}`, by], { gitDir: world.gitDir });
    await replace(unrelated, replacement);
    await expect(pushAs(developer, '--force', `${unrelated}:refs/heads/shielded`)).rejects.toThrow(/history may not be rewritten/);
    await replace(before, unrelated);
    const seen = await runGit(['log', '--format=%s', 'refs/heads/shielded'], { gitDir: world.gitDir });
    expect(seen).toContain('more');
    expect(seen).not.toContain('made up');
  });

  it('leaves tags alone, and takes a rule away with its row', async () => {
    await world.rule('**');
    await world.tree.git('tag', '--force', 'v9');
    await pushAs(developer, '--force', 'refs/tags/v9');
    await expect(pushAs(developer, 'work:any')).rejects.toThrow(/the branch rule "\*\*"/);
    await world.db.query('delete from branch_rules');
    await pushAs(developer, 'work:any');
  });
});

describe('the hook', () => {
  const run = (rules: string | null, input: string) =>
    spawnSync('sh', [join(world.hosted.dataDir, 'git-hooks', 'pre-receive')], {
      input,
      cwd: world.gitDir,
      encoding: 'utf8',
      env: {
        PATH: process.env.PATH ?? '',
        SLIPWAY_NODE: process.execPath,
        SLIPWAY_NAME_PATTERN: NAME_PATTERN_MODULE,
        ...(rules === null ? {} : { SLIPWAY_BRANCH_RULES: rules }),
      },
    });
  const rule = JSON.stringify([{ pattern: 'main', push: true, force: false, delete: false, who: '' }]);
  const [one, other] = ['1'.repeat(40), '2'.repeat(40)];

  it('takes nothing when it is not told the rules, or can not make sense of them', () => {
    const update = `${'0'.repeat(40)} ${one} refs/heads/x\n`;
    expect(run(null, update)).toMatchObject({ status: 1, stderr: expect.stringContaining('rules of this repository are not known') });
    expect(run('[]', update).status).toBe(0);
    expect(run(rule, update).status).toBe(0);
    expect(run('{', update).status).not.toBe(0);
    expect(run('null', update).status).not.toBe(0);
  });

  it('refuses when it can not find out whether history is rewritten', () => {
    expect(run(rule, `${one} ${other} refs/heads/main\n`)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('could not be found out'),
    });
  });

  it('refuses a name that can not be kept with rules as without', () => {
    const update = `${'0'.repeat(40)} ${one} refs/heads/${'x'.repeat(1_000)}\n`;
    for (const rules of ['[]', rule])
      expect(run(rules, update)).toMatchObject({ status: 1, stderr: expect.stringContaining('1000 bytes') });
  });
});
