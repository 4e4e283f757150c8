import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../platform/database.js';
import { runGit } from '../../platform/git.js';
import { testDatabase } from '../../testing/database.js';
import { runsOf } from '../repositories/testing/hosted.js';
import { addRepository } from './add-repository.js';
import { GitHost } from './testing/git-host.js';
import { aProject, mirroring } from './testing/mirroring.js';

const ZERO = '0'.repeat(40);
let db: Database & { close(): Promise<void> };
let host: GitHost;
let at: Awaited<ReturnType<typeof aProject>>;
let here: Awaited<ReturnType<typeof mirroring>>;
let first: string;
let id: string;

beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  host = await GitHost.make();
  host.signIn = { user: 'ci', password: 'hunter2' };
  first = await host.tree.commit('first');
  await host.push('main');
  here = await mirroring({ db });
  at = await aProject(db);
  const credential = { kind: 'password' as const, username: 'ci', secret: 'hunter2' };
  id = await addRepository(here.connect, { project: at.project, name: 'mirror', url: host.url(), credential, host: 'gitea' }, at.userId);
  await here.ports.fetchNow(id);
});
afterEach(async () => {
  await here.fetcher.stop();
  await here.hosted.remove();
  await host[Symbol.asyncDispose]();
});

const fault = (promise: Promise<unknown>): Promise<{ code?: string; message: string }> =>
  promise.then(
    () => ({ message: 'It went well.' }),
    (error) => error as { code?: string; message: string },
  );

describe('moving refs at the host', () => {
  it('makes, moves and deletes them there, all or none, and then here', async () => {
    await here.ports.push(id, [{ ref: 'refs/heads/a', oldSha: ZERO, newSha: first }]);
    expect(await host.git('rev-parse', 'refs/heads/a')).toBe(first);
    expect(await runsOf(db, id)).toContain(`a ${first}`);
    await here.ports.push(id, [
      { ref: 'refs/heads/a', oldSha: first, newSha: ZERO },
      { ref: 'refs/heads/b', oldSha: ZERO, newSha: first },
    ]);
    expect(await host.git('for-each-ref', '--format=%(refname)')).toBe('refs/heads/b\nrefs/heads/main');
    expect(await db.query('select name from branches where repository_id = $1 order by name', [id])).toEqual([
      { name: 'b' },
      { name: 'main' },
    ]);
  });

  it('changes nothing when one of them has moved in the meantime', async () => {
    const second = await host.tree.commit('second');
    await host.push('main');
    const changes = [
      { ref: 'refs/heads/new', oldSha: ZERO, newSha: first },
      { ref: 'refs/heads/main', oldSha: first, newSha: ZERO },
    ];
    expect(await fault(here.ports.push(id, changes))).toMatchObject({ code: 'ref_moved' });
    expect(await fault(here.ports.push(id, [{ ref: 'refs/heads/main', oldSha: ZERO, newSha: first }]))).toMatchObject({
      code: 'ref_moved',
    });
    expect(await host.git('for-each-ref', '--format=%(objectname) %(refname)')).toBe(`${second} refs/heads/main`);
  });

  it("passes on the host's own words when it refuses, without the credential", async () => {
    const hook = join(host.root, 'hooks', 'pre-receive');
    await mkdir(join(host.root, 'hooks'));
    await writeFile(hook, '#!/bin/sh\nprintf "\\033[31mmain is protected, hunter2\\n" >&2\nexit 1\n');
    await chmod(hook, 0o755);
    const error = await fault(here.ports.push(id, [{ ref: 'refs/heads/a', oldSha: ZERO, newSha: first }]));
    expect(error).toMatchObject({ code: 'host_refused', message: expect.stringContaining('main is protected, ***') });
    expect(error.message).not.toContain('hunter2');
    expect(error.message).not.toContain('\u001b');
  });
});

describe('the head of a pull request', () => {
  const source = (over: object = {}) => ({ number: 7, headSha: first, sourceBranch: 'topic', sourceUrl: null, ...over });
  const journal = () => runGit(['for-each-ref', '--format=%(refname)', 'refs/slipway'], { gitDir: here.hosted.store.folder(id) });

  it('is fetched from the ref that the host has for it, and starts nothing', async () => {
    const head = await host.tree.commit('proposed');
    await host.push('main:refs/pull/7/head');
    const runs = await runsOf(db, id);
    await here.ports.fetchPullRequestHead(id, source({ headSha: head }));
    expect(await journal()).toBe('refs/slipway/pulls/7/head\n');
    await here.hosted.ingest().ingest(id);
    expect(await runsOf(db, id)).toEqual(runs);
    expect(await fault(here.ports.fetchPullRequestHead(id, source()))).toMatchObject({ code: 'head_moved' });
  });

  it('comes from the branch where the host has no such ref, without the credential when that is elsewhere', async () => {
    await db.query(`update mirrors set host = 'other' where repository_id = $1`, [id]);
    const head = await host.tree.commit('proposed');
    await host.push('main:topic');
    await here.ports.fetchPullRequestHead(id, source({ headSha: head }));
    await using fork = await GitHost.make();
    const theirs = await fork.tree.commit('from a fork');
    await fork.push('main:topic');
    await here.ports.fetchPullRequestHead(id, source({ number: 8, headSha: theirs, sourceUrl: fork.url() }));
    fork.signIn = { user: 'ci', password: 'hunter2' };
    expect(await fault(here.ports.fetchPullRequestHead(id, source({ number: 9, sourceUrl: fork.url() })))).toMatchObject({
      code: 'access_denied',
    });
  });

  it('is not fetched from inner addresses, nor by a branch that is none', async () => {
    await db.query(`update mirrors set host = 'other' where repository_id = $1`, [id]);
    for (const sourceUrl of ['http://10.0.0.1/app.git', 'http://169.254.169.254/x'])
      expect(await fault(here.ports.fetchPullRequestHead(id, source({ sourceUrl })))).toMatchObject({ code: 'address_refused' });
    expect(await fault(here.ports.fetchPullRequestHead(id, source({ sourceUrl: 'file:///etc' })))).toMatchObject({ code: 'bad_url' });
    for (const sourceBranch of ['a\nrefs/heads/main:refs/heads/main', 'a:refs/heads/main', '-x..y'])
      expect(await fault(here.ports.fetchPullRequestHead(id, source({ sourceBranch })))).toMatchObject({ code: 'bad_branch' });
  });
});
