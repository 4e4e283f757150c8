import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { keygen, SshHost } from '../../../../scripts/services/ssh-host.mjs';
import type { Database } from '../../platform/database.js';
import { testDatabase } from '../../testing/database.js';
import { runsOf } from '../repositories/testing/hosted.js';
import { WorkTree } from '../repositories/testing/work-tree.js';
import { acceptHostKey } from './accept-host-key.js';
import { addRepository } from './add-repository.js';
import { checkRemote } from './check-remote.js';
import { aProject, mirroring } from './testing/mirroring.js';

let db: Database & { close(): Promise<void> };
let host: SshHost;
let tree: WorkTree;
let at: Awaited<ReturnType<typeof aProject>>;
let here: Awaited<ReturnType<typeof mirroring>>;

beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  host = await SshHost.make();
  tree = await WorkTree.make();
  await tree.commit('first');
  await tree.git('push', '--quiet', host.folder, 'main');
  here = await mirroring({ db });
  at = await aProject(db);
});
afterEach(async () => {
  await here.fetcher.stop();
  await here.hosted.remove();
  await tree[Symbol.asyncDispose]();
  await host[Symbol.asyncDispose]();
});

const add = (secret?: string) =>
  addRepository(
    here.connect,
    { project: at.project, name: 'mirror', url: host.url, credential: { kind: 'ssh_key', secret: secret ?? null } },
    at.userId,
  );
const fault = (promise: Promise<unknown>): Promise<{ code?: string; message: string }> =>
  promise.then(
    () => ({ message: 'It went well.' }),
    (error) => error as { code?: string; message: string },
  );
const rowOf = async (id: string) =>
  (
    await db.query<{ public_key: string; credential: Buffer; ssh_host_keys: string }>('select * from mirrors where repository_id = $1', [
      id,
    ])
  )[0];

describe('an external repository over ssh', () => {
  it('is fetched with a key that Slipway made, once the host knows it, and pushed to', async () => {
    const id = await add();
    const error = await fault(here.ports.fetchNow(id));
    expect(error).toMatchObject({ code: 'access_denied', message: expect.stringContaining('the ssh key') });
    const row = await rowOf(id);
    expect(row?.public_key).toMatch(/^ssh-ed25519 \S+ slipway$/);
    expect(row?.credential.toString('latin1')).not.toContain('PRIVATE KEY');
    await host.letIn(row?.public_key ?? '');
    await here.ports.fetchNow(id);
    const second = await tree.commit('second');
    await tree.git('push', '--quiet', host.folder, 'main');
    await here.ports.fetchNow(id);
    expect(await runsOf(db, id)).toContain(`main ${second}`);
    await here.ports.push(id, [{ ref: 'refs/heads/by-slipway', oldSha: '0'.repeat(40), newSha: second }]);
    expect(await runsOf(db, id)).toContain(`by-slipway ${second}`);
    expect(await readdir(dirname(here.files.askpass))).toEqual(['askpass']);
  });

  it('takes a key of yours, and none that needs a passphrase', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'slipway-key-'));
    try {
      const key = (name: string, passphrase: string) => {
        keygen('-q', '-t', 'ed25519', '-N', passphrase, '-f', join(folder, name));
        return readFileSync(join(folder, name), 'utf8');
      };
      const open = key('open', '');
      await host.letIn(readFileSync(join(folder, 'open.pub'), 'utf8'));
      const seen = await checkRemote(here, { url: host.url, credential: { kind: 'ssh_key', secret: open.replaceAll('\n', '\r\n') } });
      expect(seen).toMatchObject({
        read: true,
        defaultBranch: 'main',
        branches: 1,
        hostKeyFingerprints: [`ssh-ed25519 ${host.fingerprint()}`],
      });
      expect(await fault(add(key('locked', 'hunter2')))).toMatchObject({ code: 'bad_ssh_key' });
      expect(await fault(add(key('stranger', '')))).toMatchObject({ code: 'access_denied' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is refused when the host shows another key, until somebody has compared and accepted it', async () => {
    const id = await add();
    await host.letIn((await rowOf(id))?.public_key ?? '');
    await here.ports.fetchNow(id);
    const pinned = host.fingerprint();
    await host.changeHostKey();
    const error = await fault(here.ports.fetchNow(id));
    expect(error.code).toBe('host_key_changed');
    expect(error.message).toContain(host.fingerprint());
    expect(await fault(acceptHostKey(here.connect, id, pinned, at.userId))).toMatchObject({ code: 'host_key_other' });
    await acceptHostKey(here.connect, id, host.fingerprint(), at.userId);
    await here.ports.fetchNow(id);
  });

  it('is said to be out of reach while nobody answers', async () => {
    const id = await add();
    await host.down();
    expect(await fault(here.ports.fetchNow(id))).toMatchObject({ code: 'unreachable' });
  });
});
