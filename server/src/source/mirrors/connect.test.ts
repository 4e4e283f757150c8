import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SshHost } from '../../../../scripts/services/ssh-host.mjs';
import type { Database } from '../../platform/database.js';
import { testDatabase } from '../../testing/database.js';
import { addRepository } from './add-repository.js';
import { changeConnection } from './change-connection.js';
import { checkRemote } from './check-remote.js';
import { GitHost } from './testing/git-host.js';
import { aProject, mirroring } from './testing/mirroring.js';

const NONE = { kind: 'none' as const };
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
  await host.tree.commit('first');
  await host.push('main', 'main:next');
  here = await mirroring({ db });
  at = await aProject(db);
});
afterEach(async () => {
  await here.fetcher.stop();
  await here.hosted.remove();
  await host[Symbol.asyncDispose]();
});

const add = (over: Partial<Parameters<typeof addRepository>[1]> = {}) =>
  addRepository(here.connect, { project: at.project, name: 'mirror', url: host.url(), credential: NONE, ...over }, at.userId);
const fault = (promise: Promise<unknown>): Promise<{ code?: string; message: string }> =>
  promise.then(
    () => ({ message: 'It went well.' }),
    (error) => error as { code?: string; message: string },
  );
const check = (url: string, over: object = {}) => fault(checkRemote(here, { url, credential: NONE, ...over }));

describe('before a repository is added', () => {
  it('is asked what is there, and nothing is stored', async () => {
    expect(await checkRemote(here, { url: host.url(), credential: NONE })).toEqual({
      url: host.url(),
      host: 'other',
      apiUrl: null,
      read: true,
      defaultBranch: 'main',
      branches: 2,
      tags: 0,
      hostKeyFingerprints: [],
    });
    expect(
      await db.query('select 1 from mirrors m join repositories r on r.id = m.repository_id where r.project_id = $1', [at.projectId]),
    ).toEqual([]);
  });

  it('a redirect is not followed, wherever it leads, and it is said what to do', async () => {
    host.behaviour = 'redirect';
    expect(await check(host.url())).toMatchObject({
      code: 'redirect',
      message: expect.stringContaining('the address that it shows for cloning'),
    });
  });

  it('each other trouble has a name and a remedy', async () => {
    expect(await check(host.url('nothing'))).toMatchObject({ code: 'remote_not_found' });
    host.behaviour = 'html';
    expect(await check(host.url())).toMatchObject({ code: 'not_a_repository' });
    await host.down();
    expect(await check(host.url())).toMatchObject({ code: 'unreachable' });
    expect(await check('http://nobody.invalid/app.git')).toMatchObject({ code: 'host_not_found' });
  });

  it.each([
    'http://169.254.169.254/latest/meta-data',
    'http://[::ffff:169.254.169.254]/app.git',
    'http://0xa9fea9fe/app.git',
    'http://10.0.0.1/app.git',
    'https://[::1]/app.git',
    'git@192.168.1.1:app.git',
    'ssh://git@0xa9.0xfe.0xa9.0xfe/app.git',
    'ssh://git@[fe80::1]/app.git',
  ])('the inner address %s is refused', async (url) => {
    expect(await check(url)).toMatchObject({ code: 'address_refused' });
  });

  it.each([
    'file:///etc',
    '/etc',
    'ext::sh -c id',
    '--upload-pack=id',
    'ssh://-oProxyCommand=id/app',
    'https://a:b@host/app',
    'ftp://host/app',
  ])('%s is no address', async (url) => {
    expect(await check(url)).toMatchObject({ code: 'bad_url' });
  });

  it('an address that the kind of host never has is refused, and it is said how one looks', async () => {
    expect(await check('https://dev.azure.com/fabrikam/web')).toMatchObject({
      code: 'bad_url',
      message: expect.stringContaining('/_git/'),
    });
    expect(await check(host.url(), { host: 'azure_devops' })).toMatchObject({
      code: 'bad_url',
      message: expect.stringContaining('/_git/'),
    });
    const change = changeConnection(here.connect, await add(), { host: 'azure_devops' }, at.userId);
    expect(await fault(change)).toMatchObject({ code: 'bad_url' });
  });

  it('git connects to the addresses that were checked, whatever the name leads to by then', async () => {
    // The system knows nothing of the name: only what was checked can have led there.
    const pinned = await mirroring({ db, allow: ['rebinding.invalid'], lookup: async () => [{ address: '127.0.0.1' }] });
    await using ssh = await SshHost.make();
    const none = { kind: 'none' as const };
    try {
      const overHttp = await checkRemote(pinned, { url: host.url().replace('127.0.0.1', 'rebinding.invalid'), credential: none });
      expect(overHttp).toMatchObject({ read: true, branches: 2 });
      const overSsh = { url: ssh.url.replace('127.0.0.1', 'rebinding.invalid'), credential: { kind: 'ssh_key' as const } };
      expect((await checkRemote(pinned, overSsh)).hostKeyFingerprints).toEqual([`ssh-ed25519 ${ssh.fingerprint()}`]);
    } finally {
      await pinned.hosted.remove();
    }
  });

  it('a credential fits its address, and does not go over plain http to hosts that nobody vouched for', async () => {
    const token = { kind: 'token' as const, secret: 'abc' };
    expect(await check('http://example.com/app.git', { credential: token })).toMatchObject({
      code: expect.stringMatching(/plain_http|host_not_found/),
    });
    expect(await check('git@example.com:a/b.git', { credential: token })).toMatchObject({ code: 'credential_kind' });
    expect(await check(host.url(), { credential: { kind: 'ssh_key' } })).toMatchObject({ code: 'credential_kind' });
    expect(await check(host.url(), { credential: { kind: 'token' } })).toMatchObject({ code: 'credential_missing' });
    expect(await check(host.url(), { credential: { kind: 'token', secret: 'a\nb' } })).toMatchObject({ code: 'credential_odd' });
    expect(await check(host.url(), { credential: { kind: 'password', secret: 'a' } })).toMatchObject({ code: 'username_missing' });
    expect(await check('git@127.0.0.1:app.git', { credential: { kind: 'ssh_key', secret: 'no key' } })).toMatchObject({
      code: 'bad_ssh_key',
    });
  });
});

describe('a repository', () => {
  it('is added once to a project, under one name, and wanted at once', async () => {
    const id = await add();
    const [row] = await db.query('select url, wanted, poll_every_ms, next_poll_at <= now() as due from mirrors where repository_id = $1', [
      id,
    ]);
    expect(row).toEqual({ url: host.url(), wanted: '1', poll_every_ms: 300_000, due: true });
    expect(await fault(add({ name: 'again', url: host.url().replace('.git', '') }))).toMatchObject({ code: 'address_exists' });
    await host.create('other');
    expect(await fault(add({ url: host.url('other') }))).toMatchObject({ code: 'repository_exists' });
    expect(await fault(add({ name: 'Not A Slug' }))).toMatchObject({ code: 'bad_repository_name' });
    expect(await fault(add({ name: 'x', pollEverySeconds: 1 }))).toMatchObject({ code: 'bad_polling' });
    expect(await fault(add({ name: 'x', apiUrl: 'file:///etc' }))).toMatchObject({ code: 'bad_api_url' });
  });

  it('gives its webhook secret, another for each, and its API with the credential', async () => {
    host.signIn = { user: 'ci', password: 'hunter2' };
    const credential = { kind: 'token' as const, username: 'ci', secret: 'hunter2' };
    const id = await add({ credential, host: 'gitea' });
    const port = new URL(host.url()).port;
    expect(await here.ports.hostApi(id)).toEqual({
      host: 'gitea',
      apiUrl: `http://127.0.0.1:${port}/api/v1`,
      path: 'app',
      credential: { kind: 'token', token: 'hunter2' },
    });
    const secret = await here.ports.webhookSecret(id);
    expect(secret).toEqual({ host: 'gitea', secret: expect.stringMatching(/^[0-9A-Za-z]{43}$/) });
    const other = await addRepository(here.connect, { ...(await aProject(db)), name: 'b', url: host.url(), credential }, at.userId);
    expect((await here.ports.webhookSecret(other))?.secret).not.toBe(secret?.secret);
  });

  it('changes its connection when the new one works, and keeps the old one when not', async () => {
    const id = await add();
    await host.create('moved');
    await host.tree.git('push', '--quiet', host.folder('moved'), 'main');
    expect(await fault(changeConnection(here.connect, id, { url: host.url('nothing') }, at.userId))).toMatchObject({
      code: 'remote_not_found',
    });
    const urlOf = async () => (await db.query('select url, poll_every_ms from mirrors where repository_id = $1', [id]))[0];
    expect(await urlOf()).toEqual({ url: host.url(), poll_every_ms: 300_000 });
    await changeConnection(here.connect, id, { url: host.url('moved'), pollEverySeconds: 0 }, at.userId);
    expect(await urlOf()).toEqual({ url: host.url('moved'), poll_every_ms: null });
    await here.ports.fetchNow(id);
    expect(await db.query('select name from branches where repository_id = $1', [id])).toEqual([{ name: 'main' }]);
  });

  it('sends a stored credential to no other host and no other API, whoever asks for it', async () => {
    host.signIn = { user: 'ci', password: 'hunter2' };
    const id = await add({ credential: { kind: 'token', username: 'ci', secret: 'hunter2' } });
    await using thief = await GitHost.make();
    for (const change of [{ url: thief.url() }, { apiUrl: 'https://thief.example/api' }, { apiUrl: 'https://127.0.0.1.thief.example/' }])
      expect(await fault(changeConnection(here.connect, id, change, at.userId))).toMatchObject({ code: 'credential_needed' });
    await changeConnection(here.connect, id, { apiUrl: host.url().replace(/\/app.*/, '/api') }, at.userId);
  });
});
