import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../platform/database.js';
import { aRepository } from '../../../testing/builders.js';
import { testDatabase } from '../../../testing/database.js';
import { hosting, runsOf, serveGit, tokensOfUsers } from '../testing/hosted.js';
import { WorkTree } from '../testing/work-tree.js';

let db: Database & { close(): Promise<void> };
let hosted: Awaited<ReturnType<typeof hosting>>;
let remote: Awaited<ReturnType<typeof serveGit>>;
let tree: WorkTree;
let id: string;
let userId: string;
let path: string;
const rights = { read: true, push: true };

beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.close());

beforeEach(async () => {
  Object.assign(rights, { read: true, push: true });
  hosted = await hosting({ db });
  tree = await WorkTree.make();
  const at = await aRepository(db);
  ({ repositoryId: id, userId } = at);
  path = `p-${at.projectId.slice(-12)}/app.git`;
  await hosted.store.init(id);
  const access = tokensOfUsers(
    db,
    () => rights.read,
    () => rights.push,
  );
  remote = await serveGit({
    ...access,
    store: hosted.store,
    pushes: hosted.ingest(),
    pushed: () => undefined,
    pushRules: async () => [],
    publicUrl: 'http://slipway.test',
    log: hosted.log,
  });
});
afterEach(async () => {
  await remote.app.close();
  await hosted.remove();
  await tree[Symbol.asyncDispose]();
});

const mine = () => remote.url('me', `token-of-${userId}`, path);
const status = async (url: string, init: RequestInit = {}) => {
  const answer = await fetch(url, init);
  return { status: answer.status, text: await answer.text(), ask: answer.headers.get('www-authenticate') };
};
const basic = (password: string) => ({ headers: { authorization: `Basic ${Buffer.from(`me:${password}`).toString('base64')}` } });

async function until(check: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 5_000;
  while (!(await check())) {
    if (Date.now() > end) throw new Error('It did not come to be within 5 s.');
    await sleep(10);
  }
}

describe('the Git remote', () => {
  it('shows the run of a push within a second', async () => {
    const took: number[] = [];
    // Of three, as the machine may be busy with other tests at any one.
    for (let pushes = 1; pushes <= 3 && Math.min(...took) > 1_000; pushes++) {
      await tree.commit(`number ${pushes}`);
      await tree.git('push', '--quiet', mine(), 'main');
      const pushedAt = Date.now();
      await until(async () => (await runsOf(db, id)).length === pushes);
      took.push(Date.now() - pushedAt);
    }
    expect(Math.min(...took)).toBeLessThan(1_000);
  });

  it('takes a push, knows who pushed, and gives the same back to a clone', async () => {
    const sha = await tree.commit('first');
    await tree.git('push', '--quiet', mine(), 'main');
    await until(async () => (await runsOf(db, id)).length === 1);
    expect(await db.query('select new_sha, pushed_by from pushes where repository_id = $1', [id])).toEqual([
      { new_sha: sha, pushed_by: userId },
    ]);
    await tree.git('clone', '--quiet', mine(), 'copy');
    expect((await tree.git('-C', 'copy', 'rev-parse', 'HEAD')).trim()).toBe(sha);
  });

  it('tells whoever pushes where to watch the run', async () => {
    const sha = await tree.commit('first');
    await tree.git('tag', 'v1');
    const said = await tree.said('push', mine(), 'main', 'main:other', 'v1');
    expect(said).toContain('remote: View the run of main:');
    expect(said.match(/http:\/\/slipway\.test\S*/g)).toEqual([`http://slipway.test/projects/${path.replace('.git', '')}/pushed/${sha}`]);
    await tree.git('push', '--quiet', mine(), ':other');
  });

  it('starts no run for a push that asks for none, and says which options it does not know', async () => {
    await tree.commit('first');
    await tree.git('push', '--quiet', '-o', 'ci.skip', mine(), 'main', 'main:other');
    await until(async () => (await db.query('select 1 from pushes where repository_id = $1', [id])).length === 2);
    const [push] = await db.query('select no_run_code, no_run_message from pushes where repository_id = $1', [id]);
    expect(push).toEqual({ no_run_code: 'skip_option', no_run_message: 'It was pushed with "-o ci.skip".' });
    await tree.commit('second');
    expect(await tree.said('push', '-o', 'merge_request.create; rm -rf "$HOME"', mine(), 'main')).toContain(
      'is not known and has no effect',
    );
    await until(async () => (await runsOf(db, id)).length === 1);
  });

  it.each([
    ['missingSpaceBeforeEmail', 'author Ada<ada@example.test> 1700000000 +0000', 'committer Ada<ada@example.test> 1700000000 +0000'],
    ['missingNameBeforeEmail', 'author <ada@example.test> 1700000000 +0000', 'committer <ada@example.test> 1700000000 +0000'],
    ['zeroPaddedDate', 'author Ada <ada@example.test> 01700000000 +0000', 'committer Ada <ada@example.test> 00 +0000'],
    ['missingEmail', 'author Ada 1700000000 +0000', 'committer Ada 1700000000 +0000'],
    ['badDate', 'author Ada <ada@example.test> soon +0000', 'committer Ada <ada@example.test> x +0000'],
    ['badDateOverflow', `author Ada <a@b> ${'9'.repeat(30)} +0000`, `committer Ada <a@b> ${'9'.repeat(30)} +0000`],
    ['badTimezone', 'author Ada <a@b> 1700000000 +51800', 'committer Ada <a@b> 1700000000 nowhere'],
    ['multipleAuthors', 'author Ada <a@b> 1 +0000\nauthor Bea <b@b> 1 +0000', 'committer Ada <a@b> 1 +0000'],
  ])('takes an old commit with the harmless fault %s', async (_fault, author, committer) => {
    await tree.commit('first');
    const treeSha = (await tree.git('rev-parse', 'HEAD^{tree}')).trim();
    const sha = await tree.write('commit', `tree ${treeSha}\n${author}\n${committer}\n\nan old one\n`);
    await tree.git('push', '--quiet', mine(), `${sha}:refs/heads/main`);
    await until(async () => (await runsOf(db, id)).length === 1);
    const [commit] = await db.query<{ authored_at: Date }>('select message, authored_at from commits where repository_id = $1', [id]);
    expect(commit).toMatchObject({ message: 'an old one', authored_at: expect.any(Date) });
  });

  it('names the object and the check of what it refuses', async () => {
    const blob = await tree.write('blob', 'x');
    const folder = await tree.write('tree', `100644 .git\0${Buffer.from(blob, 'hex').toString('latin1')}`);
    const sha = await tree.write('commit', `tree ${folder}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nx\n`);
    await expect(tree.git('push', '--quiet', mine(), `${sha}:refs/heads/main`)).rejects.toThrow(new RegExp(`${folder}: hasDotgit`));
  });

  it('refuses LFS in its own JSON, and says what to do', async () => {
    const answer = await fetch(`${remote.address}/git/${path}/info/lfs/objects/batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.git-lfs+json', accept: 'application/vnd.git-lfs+json' },
      body: '{"operation":"upload"}',
    });
    expect(answer.status).toBe(501);
    expect(answer.headers.get('content-type')).toContain('application/vnd.git-lfs+json');
    expect(await answer.json()).toEqual({ message: expect.stringContaining('does not store Git LFS objects') });
  });

  it('streams a push of many megabytes, sent in chunks', async () => {
    await tree.commit('big', { 'a.bin': randomBytes(6 * 1024 * 1024).toString('latin1') });
    const before = process.memoryUsage.rss();
    await tree.git('push', '--quiet', mine(), 'main');
    expect(process.memoryUsage.rss() - before).toBeLessThan(32 * 1024 * 1024);
    await until(async () => (await runsOf(db, id)).length === 1);
  });

  it('keeps the order of each branch when several push at once', async () => {
    await tree.commit('base');
    const shas = new Map<string, string[]>();
    await Promise.all(
      ['a', 'b', 'c'].map(async (branch) => {
        await using clone = await WorkTree.make();
        for (let n = 0; n < 3; n++) {
          shas.set(branch, [...(shas.get(branch) ?? []), await clone.commit(`${branch} ${n}`)]);
          await clone.git('push', '--quiet', mine(), `main:${branch}`);
        }
      }),
    );
    await until(async () => (await runsOf(db, id)).length === 9);
    const runs = await runsOf(db, id);
    for (const [branch, expected] of shas)
      expect(runs.filter((run) => run.startsWith(`${branch} `))).toEqual(expected.map((sha) => `${branch} ${sha}`));
  });

  it('asks for a sign-in, and says so when the token is wrong', async () => {
    const url = `${remote.address}/git/${path}/info/refs?service=git-upload-pack`;
    const nobody = await status(url);
    expect(nobody).toMatchObject({ status: 401, ask: expect.stringContaining('Basic') });
    expect(nobody.text).toContain('token');
    expect(await status(url, basic('guess'))).toMatchObject({ status: 401, text: expect.stringContaining('is unknown, expired') });
  });

  it('answers alike for a repository that is not there and one that may not be seen', async () => {
    const service = 'info/refs?service=git-receive-pack';
    const known = await status(`${remote.address}/git/no/where.git/${service}`, basic(`token-of-${userId}`));
    expect(known).toMatchObject({ status: 404, text: expect.stringContaining('"no/where"') });
    rights.read = false;
    expect(await status(`${remote.address}/git/${path}/${service}`, basic(`token-of-${userId}`))).toMatchObject({ status: 404 });
    await expect(tree.git('clone', '--quiet', mine(), 'copy')).rejects.toThrow(/remote: There is no repository/);
  });

  it('lets a viewer clone but not push', async () => {
    await tree.commit('first');
    rights.push = false;
    await expect(tree.git('push', '--quiet', mine(), 'main')).rejects.toThrow(/not push to it/);
    await tree.git('clone', '--quiet', mine(), 'copy');
  });

  it('lets people clone an external repository and its jobs fetch from it, and sends who pushes to its own address', async () => {
    await tree.commit('first');
    await tree.git('push', '--quiet', mine(), 'main');
    await db.query(`update repositories set kind = 'external' where id = $1`, [id]);
    await db.query(
      `insert into mirrors (repository_id, url, host, webhook_secret) values ($1, 'https://git.example/a/b.git', 'other', '')`,
      [id],
    );
    await tree.commit('second');
    await expect(tree.git('push', '--quiet', mine(), 'main')).rejects.toThrow('Push there: git push https://git.example/a/b.git');
    await tree.git('clone', '--quiet', mine(), 'copy');
    await tree.git('clone', '--quiet', remote.url('job', `job-of-${id}`, path), 'job');
  });

  it('lets a job read its own repository, any commit of it, and nothing else', async () => {
    const old = await tree.commit('first');
    await tree.git('push', '--quiet', mine(), 'main');
    await tree.git('commit', '--amend', '--quiet', '-m', 'instead');
    await tree.git('push', '--quiet', '--force', mine(), 'main');
    const asJob = remote.url('job', `job-of-${id}`, path);
    await tree.git('init', '--quiet', 'mirror');
    await tree.git('-C', 'mirror', 'fetch', '--quiet', '--depth=1', asJob, old);
    await expect(tree.git('push', '--quiet', asJob, 'main')).rejects.toThrow(/A job may read/);
    await expect(tree.git('clone', '--quiet', remote.url('job', `job-of-${userId}`, path), 'other')).rejects.toThrow(/no repository/);
  });

  it('refuses names of refs that could not be kept', async () => {
    await tree.commit('first');
    const long = Array.from({ length: 6 }, () => 'x'.repeat(200)).join('/');
    await expect(tree.git('push', '--quiet', mine(), `main:${long}`)).rejects.toThrow(/1000 bytes/);
    await tree.git('push', '--quiet', mine(), 'main:größe-日本-✓');
    await until(async () => (await runsOf(db, id)).length === 1);
  });

  it('ends git when the client leaves, and the repository goes on working', async () => {
    const half = request(`${remote.address}/git/${path}/git-receive-pack`, {
      method: 'POST',
      headers: {
        ...basic(`token-of-${userId}`).headers,
        'content-type': 'application/x-git-receive-pack-request',
        'content-length': 1_000_000,
      },
    });
    half.on('error', () => undefined);
    half.write('00a0');
    await until(async () => (await gitProcesses()) > 0);
    half.destroy();
    await until(async () => (await gitProcesses()) === 0);
    await tree.commit('first');
    await tree.git('push', '--quiet', mine(), 'main');
    const objects = await readdir(join(hosted.store.folder(id), 'objects'));
    expect(objects.filter((name) => name.startsWith('tmp_objdir'))).toEqual([]);
  });
});

/** http-backends of this repository that are alive. */
async function gitProcesses(): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name));
  const environments = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')));
  return environments.filter((environment) => environment.includes(`PATH_INFO=/${id}.git/`)).length;
}
