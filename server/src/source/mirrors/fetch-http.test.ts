import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../platform/database.js';
import { runGit } from '../../platform/git.js';
import { testDatabase } from '../../testing/database.js';
import { runsOf } from '../repositories/testing/hosted.js';
import { addRepository } from './add-repository.js';
import { GitHost } from './testing/git-host.js';
import { aProject, mirroring } from './testing/mirroring.js';

const SECRET = 'hunter2+/=%"ü';
let db: Database & { close(): Promise<void> };
let host: GitHost;
let at: Awaited<ReturnType<typeof aProject>>;
let here: Awaited<ReturnType<typeof mirroring>>;

beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  host = await GitHost.make();
  here = await mirroring({ db });
  at = await aProject(db);
});
afterEach(async () => {
  await here.fetcher.stop();
  await here.hosted.remove();
  await host[Symbol.asyncDispose]();
  await db.query('delete from mirrors');
});

const add = (name = 'mirror') =>
  addRepository(here.connect, { project: at.project, name, url: host.url(), credential: credential() }, at.userId);
const credential = () =>
  host.signIn ? { kind: 'password' as const, username: host.signIn.user, secret: host.signIn.password } : { kind: 'none' as const };
async function addAt(name: string): Promise<string> {
  await host.create(name);
  await host.tree.git('push', '--quiet', host.folder(name), 'main');
  return addRepository(here.connect, { project: at.project, name, url: host.url(name), credential: credential() }, at.userId);
}
async function added(): Promise<string> {
  const id = await add();
  await here.ports.fetchNow(id);
  return id;
}
const refs = (gitDir: string) => runGit(['for-each-ref', '--format=%(objectname) %(refname)'], { gitDir });
const sameRefs = async (id: string) => expect(await refs(here.hosted.store.folder(id))).toBe(await refs(host.folder()));
const pushes = (id: string) =>
  db.query<Record<string, string>>(
    'select ref, cause, old_sha as old, new_sha as new from pushes where repository_id = $1 order by journal_offset',
    [id],
  );
const rowOf = async (id: string) => (await db.query<Record<string, unknown>>('select * from mirrors where repository_id = $1', [id]))[0];
/** Until it is looked at again. */
const nextMs = async (id: string) => {
  const rows = await db.query<{ at: Date }>('select next_poll_at as at from mirrors where repository_id = $1', [id]);
  return (rows[0]?.at.getTime() ?? 0) - Date.now();
};
const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error) => (error as { code?: string }).code ?? String(error),
  );

describe('an external repository over http', () => {
  it('is brought here when it is added, as an import, with its own default branch', async () => {
    const first = await host.tree.commit('first');
    await host.tree.git('tag', '-a', 'v1', '-m', 'one');
    await host.push('main:trunk', 'main:aaa', 'v1');
    await host.git('symbolic-ref', 'HEAD', 'refs/heads/trunk');
    const id = await added();
    await sameRefs(id);
    expect(new Set((await pushes(id)).map(({ cause }) => cause))).toEqual(new Set(['import']));
    expect(await db.query('select name, head_sha from branches where repository_id = $1 order by name', [id])).toEqual([
      { name: 'aaa', head_sha: first },
      { name: 'trunk', head_sha: first },
    ]);
    expect(await db.query('select kind, default_branch from repositories where id = $1', [id])).toEqual([
      { kind: 'external', default_branch: 'trunk' },
    ]);
    expect(await rowOf(id)).toMatchObject({ failing_since: null, error_code: null, fetcher_id: null, wanted: '2', served: '2' });
  });

  it('says which branches it leaves out, for as long as the host has them', async () => {
    const first = await host.tree.commit('first');
    await host.push('main');
    const id = await added();
    const leftOut = async () => (await rowOf(id))?.left_out;
    expect(await leftOut()).toBeNull();
    await host.git(
      'update-ref',
      `refs/heads/${'x'.repeat(200)}/${'y'.repeat(200)}/${'z'.repeat(200)}/${'a'.repeat(200)}/${'b'.repeat(200)}`,
      first,
    );
    await here.ports.fetchNow(id);
    expect(await leftOut()).toMatch(/^One branch or tag at the host is left out: "refs\/heads\/x+…"\. Slipway keeps/);
  });

  it('sees pushes, forced ones, new branches without commits, tags that move, unicode names and deletions, each once', async () => {
    const first = await host.tree.commit('first');
    await host.tree.git('tag', 'v1');
    await host.push('main', 'main:old', 'v1');
    const id = await added();
    const before = (await pushes(id)).length;
    const refsAtJobs = async () => (await db.query('select journal_offset from repositories where id = $1', [id]))[0];
    const untagged = await refsAtJobs();
    const second = await host.tree.commit('second');
    await host.tree.git('tag', '--force', 'v1');
    await host.push('v1');
    await here.ports.fetchNow(id);
    expect(await refsAtJobs()).not.toEqual(untagged);
    await host.push('main', `${first}:refs/heads/größe-日本/✓`, ':old');
    await host.tree.git('commit', '--amend', '--quiet', '-m', 'instead');
    const forced = (await host.tree.git('rev-parse', 'HEAD')).trim();
    await here.ports.fetchNow(id);
    await sameRefs(id);
    await host.push('main');
    await here.ports.fetchNow(id);
    await here.ports.fetchNow(id);
    const zero = '0'.repeat(40);
    expect((await pushes(id)).slice(before).sort((a, b) => `${a.ref}${a.new}`.localeCompare(`${b.ref}${b.new}`))).toEqual(
      [
        { ref: 'refs/heads/größe-日本/✓', cause: 'fetch', old: zero, new: first },
        { ref: 'refs/heads/main', cause: 'fetch', old: first, new: second },
        { ref: 'refs/heads/main', cause: 'fetch', old: second, new: forced },
        { ref: 'refs/heads/old', cause: 'fetch', old: first, new: zero },
        { ref: 'refs/tags/v1', cause: 'fetch', old: first, new: second },
      ].sort((a, b) => `${a.ref}${a.new}`.localeCompare(`${b.ref}${b.new}`)),
    );
    expect((await runsOf(db, id)).filter((run) => run.startsWith('main '))).toEqual([`main ${first}`, `main ${second}`, `main ${forced}`]);
  });

  it('puts a branch in the place of the folder of others, and the other way round', async () => {
    await host.tree.commit('first');
    await host.push('main', 'main:a/b');
    const id = await added();
    await host.push(':a/b');
    await host.push('main:a');
    await here.ports.fetchNow(id);
    await sameRefs(id);
    await host.push(':a');
    await host.push('main:a/b/c');
    await here.ports.fetchNow(id);
    await sameRefs(id);
  });

  it('follows the default branch of the host', async () => {
    await host.tree.commit('first');
    await host.push('main', 'main:next');
    const id = await added();
    await host.git('symbolic-ref', 'HEAD', 'refs/heads/next');
    await here.ports.fetchNow(id);
    expect(await db.query('select default_branch from repositories where id = $1', [id])).toEqual([{ default_branch: 'next' }]);
    expect(await readFile(`${here.hosted.store.folder(id)}/HEAD`, 'utf8')).toBe('ref: refs/heads/next\n');
  });

  it('chooses a default branch among those that are left, when the host has lost its own', async () => {
    await host.tree.commit('first');
    await host.push('main:trunk', 'main:aaa', 'main:master');
    await host.git('symbolic-ref', 'HEAD', 'refs/heads/trunk');
    const id = await added();
    await host.git('update-ref', '-d', 'refs/heads/trunk');
    await here.ports.fetchNow(id);
    expect(await db.query('select default_branch from repositories where id = $1', [id])).toEqual([{ default_branch: 'master' }]);
    expect(await readFile(`${here.hosted.store.folder(id)}/HEAD`, 'utf8')).toBe('ref: refs/heads/master\n');
  });

  it('is set aside when this server fails, not the host, holds up no other, and is no more once it is fetched', async () => {
    await host.tree.commit('first');
    await host.push('main');
    const [broken, other] = [await added(), await addAt('other')];
    const letters = () => db.query("select key, about, repository_id as repository, error from dead_letters where kind = 'mirror'");
    await host.down();
    expect(await code(here.ports.fetchNow(broken))).toBe('unreachable');
    expect(await letters()).toEqual([]);
    await host.up();
    const config = `${here.hosted.store.folder(broken)}/config`;
    const sound = await readFile(config, 'utf8');
    await writeFile(config, '[no config');
    await expect(here.ports.fetchNow(broken)).rejects.toThrow(/bad config/);
    await here.ports.fetchNow(other);
    const letter = { key: broken, about: 'Fetch from the code host', repository: broken, error: expect.stringContaining('bad config') };
    expect(await letters()).toEqual([letter]);
    expect(await rowOf(broken)).toMatchObject({ error_code: 'internal', fetcher_id: null });
    await writeFile(config, sound);
    await here.ports.fetchNow(broken);
    expect(await letters()).toEqual([]);
    await sameRefs(broken);
  });

  it('stays as it is while the host is down, says since when, and has everything once it is back', async () => {
    await host.tree.commit('first');
    await host.push('main');
    const id = await added();
    await host.down();
    const second = await host.tree.commit('second');
    await host.push('main');
    expect(await code(here.ports.fetchNow(id))).toBe('unreachable');
    expect(await code(here.ports.fetchNow(id))).toBe('unreachable');
    const failing = await rowOf(id);
    expect(failing).toMatchObject({
      failures: 2,
      error_code: 'unreachable',
      failing_since: expect.any(Date),
      fetched_at: expect.any(Date),
    });
    expect(await refs(here.hosted.store.folder(id))).toContain('refs/heads/main');
    await host.up();
    here.fetcher.start();
    await db.query('update mirrors set next_poll_at = clock_timestamp() where repository_id = $1', [id]);
    here.fetcher.wake();
    await expect.poll(async () => (await rowOf(id))?.failing_since, { timeout: 5_000 }).toBeNull();
    await sameRefs(id);
    expect(await runsOf(db, id)).toContain(`main ${second}`);
    expect(await rowOf(id)).toMatchObject({ failures: 0, error_code: null, error_message: null });
  });

  it('keeps what it knows when the host says that there is nothing any more', async () => {
    await host.tree.commit('first');
    await host.push('main');
    const id = await added();
    await host.git('update-ref', '-d', 'refs/heads/main');
    expect(await code(here.ports.fetchNow(id))).toBe('emptied');
    expect(await refs(here.hosted.store.folder(id))).toContain('refs/heads/main');
  });

  it('may be empty when it is added', async () => {
    const id = await added();
    expect(await rowOf(id)).toMatchObject({ failing_since: null });
    const first = await host.tree.commit('first');
    await host.push('main');
    await here.ports.fetchNow(id);
    expect(await runsOf(db, id)).toEqual([`main ${first}`]);
  });

  it('is polled with one listing and no pack while nothing is new, and finds what no webhook told, the default branch too', async () => {
    await host.tree.commit('first');
    await host.push('main', 'main:next');
    const id = await added();
    here.fetcher.start();
    const due = async () => {
      await db.query('update mirrors set next_poll_at = clock_timestamp() where repository_id = $1', [id]);
      here.fetcher.wake();
      await expect.poll(async () => (await nextMs(id)) > 60_000, { timeout: 5_000 }).toBe(true);
    };
    const [listings, packs] = [host.listings, host.packs];
    await due();
    expect(host.listings - listings).toBe(1);
    expect(host.packs - packs).toBe(1); // ls-refs of protocol 2 is asked for at the same address
    await host.git('symbolic-ref', 'HEAD', 'refs/heads/next');
    await due();
    expect(await db.query('select default_branch from repositories where id = $1', [id])).toEqual([{ default_branch: 'next' }]);
    const second = await host.tree.commit('second');
    await host.push('main');
    await due();
    expect(await runsOf(db, id)).toContain(`main ${second}`);
    expect(await nextMs(id)).toBeGreaterThan(3.9 * 60_000);
    expect(await nextMs(id)).toBeLessThan(6.1 * 60_000);
  });

  it('is fetched once when two servers are woken for it at the same time', async () => {
    await host.tree.commit('first');
    await host.push('main');
    const id = await added();
    const other = await mirroring({ db, key: here.key, hosted: here.hosted });
    here.fetcher.start();
    other.fetcher.start();
    await host.tree.commit('second');
    await host.push('main');
    const before = host.listings;
    await db.transaction(async (tx) => {
      await here.ports.requestFetch(tx, id);
      await other.ports.requestFetch(tx, id);
    });
    await expect.poll(async () => (await rowOf(id))?.served, { timeout: 5_000 }).toBe('4');
    await other.fetcher.stop();
    expect(host.listings - before).toBe(2); // the listing, the fetch itself
    expect((await pushes(id)).filter(({ cause }) => cause === 'fetch')).toHaveLength(1);
  });

  it('is fetched again, and by one at a time, for who asks while a fetch is under way', async () => {
    await host.tree.commit('first');
    await host.push('main');
    const id = await added();
    const other = await mirroring({ db, key: here.key, hosted: here.hosted });
    host.behaviour = 'slow';
    const before = host.packs;
    const first = here.ports.fetchNow(id);
    await expect.poll(() => host.packs).toBe(before + 1);
    const second = await host.tree.commit('second');
    const later = other.ports.fetchNow(id);
    await sleep(300);
    expect(host.packs).toBe(before + 1);
    await host.push('main');
    host.release();
    await Promise.all([first, later]);
    expect(await runsOf(db, id)).toContain(`main ${second}`);
    await other.fetcher.stop();
  });

  it('takes over from a server that was killed once its lease has run out', async () => {
    await host.tree.commit('first');
    await host.push('main');
    const id = await add();
    await db.query(
      `update mirrors set fetcher_id = gen_random_uuid(), fetcher_until = clock_timestamp() + interval '600 ms' where repository_id = $1`,
      [id],
    );
    const begun = Date.now();
    await here.ports.fetchNow(id);
    expect(Date.now() - begun).toBeGreaterThan(400);
    await sameRefs(id);
  });

  it('is left at once when the server stops, with nothing that goes on running, and begun again at the next start', async () => {
    await host.tree.commit('first');
    await host.push('main');
    const id = await add();
    host.behaviour = 'slow';
    const stopped = here.ports.fetchNow(id).catch((error) => error);
    const running = async () => (await commandLines()).filter((line) => line.includes(host.url()) && line.includes('remote-http')).length;
    await expect.poll(running, { timeout: 5_000 }).toBeGreaterThan(0);
    const begun = Date.now();
    await here.fetcher.stop();
    await stopped;
    expect(Date.now() - begun).toBeLessThan(2_000);
    expect(await running()).toBe(0);
    expect(await rowOf(id)).toMatchObject({ fetcher_id: null, failing_since: null, served: '0' });
    host.release();
    const next = await mirroring({ db, key: here.key, hosted: here.hosted });
    next.fetcher.start();
    await expect.poll(async () => (await rowOf(id))?.fetched_at, { timeout: 5_000 }).not.toBeNull();
    await next.fetcher.stop();
    await sameRefs(id);
  });

  it('is imported whole, as an import, after a git that was killed with half of its refs moved and all others locked', async () => {
    const first = await host.tree.commit('first');
    await host.push(...Array.from({ length: 60 }, (_, n) => `main:b${n}`), 'main');
    const id = await add();
    const gitDir = here.hosted.store.folder(id);
    await runGit(['fetch', '--quiet', host.folder(), 'main'], { gitDir });
    await runGit(['update-ref', 'refs/heads/b1', first], { gitDir, ...here.hosted.store.fetching('import') });
    for (let n = 2; n < 60; n++) await writeFile(`${gitDir}/refs/heads/b${n}.lock`, '');
    await here.ports.fetchNow(id);
    await sameRefs(id);
    expect(new Set((await pushes(id)).map(({ cause }) => cause))).toEqual(new Set(['import']));
    expect((await readdir(`${gitDir}/refs/heads`)).filter((name) => name.endsWith('.lock'))).toEqual([]);
  });

  it('of which a pack did not come whole leaves nothing of it: on a full disk, each try would take more', async () => {
    await host.tree.commit('first');
    await host.push('main');
    const id = await added();
    const half = `${here.hosted.store.folder(id)}/objects/pack/tmp_pack_half`;
    await writeFile(half, 'half');
    await host.tree.commit('second');
    await host.push('main');
    const blob = await host.git('rev-parse', 'main:file.txt');
    await rm(`${host.folder()}/objects/${blob.slice(0, 2)}/${blob.slice(2)}`);
    expect(await code(here.ports.fetchNow(id))).not.toBe('none');
    expect(existsSync(half)).toBe(false);
  });

  it('leaves its place to others when its host is slow', async () => {
    await host.tree.commit('first');
    await host.push('main');
    const hasty = await mirroring({ db, key: here.key, hosted: here.hosted, slowMs: 300 });
    const slow = await Promise.all([1, 2, 3, 4].map((n) => addAt(`slow-${n}`)));
    host.behaviour = 'slow';
    const before = host.packs;
    hasty.fetcher.start();
    await expect.poll(() => host.packs - before, { timeout: 5_000 }).toBe(slow.length);
    host.behaviour = 'well';
    const quick = await add('quick');
    hasty.fetcher.wake();
    await expect.poll(async () => (await rowOf(quick))?.fetched_at, { timeout: 8_000 }).not.toBeNull();
    expect((await Promise.all(slow.map(rowOf))).map((row) => row?.fetched_at)).toEqual(slow.map(() => null));
    await hasty.stop();
  });

  it('and pushed to is left when the server stops, though the host is silent', async () => {
    const first = await host.tree.commit('first');
    await host.push('main');
    const id = await added();
    host.behaviour = 'slow';
    const pushed = code(here.ports.push(id, [{ ref: 'refs/heads/new', oldSha: '0'.repeat(40), newSha: first }]));
    const running = async () => (await commandLines()).filter((line) => line.includes(host.url()) && line.includes('remote-http')).length;
    await expect.poll(running, { timeout: 5_000 }).toBeGreaterThan(0);
    const begun = Date.now();
    await here.stop();
    expect(await pushed).not.toBe('none');
    expect(Date.now() - begun).toBeLessThan(2_000);
    expect(await running()).toBe(0);
  });

  it.each([
    ['.gitmodules', '[submodule "x"]\n\turl = -u./payload\n\tpath = x\n'],
    ['.gitmodules', '[submodule "../../x"]\n\turl = https://host/x\n\tpath = x\n'],
    ['.GIT', 'an attack'],
  ])('is not taken with a hostile %s in its history', async (name, text) => {
    await host.tree.commit('first');
    await host.push('main');
    const id = await added();
    const blob = (await runGit(['hash-object', '-w', '--stdin'], { gitDir: host.folder(), input: text })).trim();
    const tree = (await runGit(['mktree'], { gitDir: host.folder(), input: `100644 blob ${blob}\t${name}\n` })).trim();
    const who = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' };
    const commit = (await runGit(['commit-tree', '-m', 'trap', tree], { gitDir: host.folder(), env: who })).trim();
    await host.git('update-ref', 'refs/heads/trap', commit);
    expect(await code(here.ports.fetchNow(id))).toBe('bad_objects');
    expect(await refs(here.hosted.store.folder(id))).not.toContain('trap');
  });

  it('has its rows though the server was killed after the refs had moved', async () => {
    await host.tree.commit('first');
    await host.push('main');
    const id = await added();
    const second = await host.tree.commit('second');
    await host.push('main');
    const killed = await mirroring({
      db,
      key: here.key,
      hosted: { ...here.hosted, ingest: () => ({ ingest: () => Promise.reject(new Error('killed')) }) as never },
    });
    await expect(killed.ports.fetchNow(id)).rejects.toThrow('killed');
    expect(await runsOf(db, id)).not.toContain(`main ${second}`);
    const pushIngest = here.hosted.ingest();
    await pushIngest.start();
    await pushIngest.stop();
    expect((await runsOf(db, id)).filter((run) => run === `main ${second}`)).toHaveLength(1);
    await here.ports.fetchNow(id);
    expect((await runsOf(db, id)).filter((run) => run === `main ${second}`)).toHaveLength(1);
  });
});

describe('the credential', () => {
  beforeEach(async () => {
    host.signIn = { user: 'ci', password: SECRET };
    await host.tree.commit('first');
    await host.push('main');
  });

  it('lets in, and is in no argument of a process, no row and no file while a fetch is under way', async () => {
    const id = await added();
    await sameRefs(id);
    host.behaviour = 'slow';
    await host.tree.commit('second');
    await host.push('main');
    const fetching = here.ports.fetchNow(id);
    await expect.poll(async () => (await commandLines()).some((line) => line.includes(host.url())), { timeout: 5_000 }).toBe(true);
    const lines = (await commandLines()).join('\n');
    for (const form of forms()) expect(lines).not.toContain(form);
    host.release();
    await fetching;
    const stored = JSON.stringify(await rowOf(id)) + JSON.stringify(await db.query('select * from history'));
    for (const form of forms()) expect(stored).not.toContain(form);
    expect(await readFile(`${here.hosted.store.folder(id)}/config`, 'utf8')).not.toContain('ci');
    expect(await readdir(dirname(here.files.askpass))).toEqual(['askpass']);
  });

  it('does not open under another repository, nor as another kind', async () => {
    const id = await added();
    const stranger = await aProject(db);
    const input = { project: stranger.project, name: 'mine', url: host.url(), credential: credential() };
    const theirs = await addRepository(here.connect, input, stranger.userId);
    await db.query('update mirrors set credential = (select credential from mirrors where repository_id = $2) where repository_id = $1', [
      theirs,
      id,
    ]);
    await expect(here.ports.fetchNow(theirs)).rejects.toThrow(/can't be opened/);
    await db.query(`update mirrors set credential_kind = 'token' where repository_id = $1`, [id]);
    await expect(here.ports.fetchNow(id)).rejects.toThrow(/can't be opened/);
  });

  it('that is wrong is said to be so, and not shown', async () => {
    const id = await added();
    host.signIn = { user: 'ci', password: 'another' };
    const error = (await here.ports.fetchNow(id).catch((e) => e)) as Error;
    expect(error).toMatchObject({ code: 'access_denied', message: expect.stringContaining('the user name and password') });
    const shown = JSON.stringify([error, error.stack, error.cause, await rowOf(id), here.warnings]);
    for (const form of forms()) expect(shown).not.toContain(form);
  });

  it('is asked for where there is none', async () => {
    const open = { project: at.project, name: 'open', url: host.url(), credential: { kind: 'none' as const } };
    const error = (await addRepository(here.connect, open, at.userId).catch((e) => e)) as Error;
    expect(error).toMatchObject({ code: 'access_denied', message: expect.stringContaining('is not public') });
  });

  function forms(): string[] {
    return [SECRET, encodeURIComponent(SECRET), Buffer.from(SECRET).toString('base64'), Buffer.from(`ci:${SECRET}`).toString('base64')];
  }
});

async function commandLines(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name));
  return Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
}
