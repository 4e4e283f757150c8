import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../eventually.js';
import { GitHost } from '../git-host.js';
import { Installation } from '../installation.js';
import { WorkingCopy } from '../working-copy.js';

const PIPELINE = 'jobs:\n  build:\n    steps:\n      - run: test -f hello.txt\n';
const ADD = `mutation ($c: HostConnectionInput!) { addRepository(project: "outside", name: "app", connection: $c) { id } }`;
const STANDING = '{ project(name: "outside") { repositories { id connection { state failingSince error { code } } } } }';
type Standing = {
  project: { repositories: { id: string; connection: { state: string; failingSince: string | null; error: { code: string } | null } }[] };
};

/** A team whose repository is elsewhere: everything works, also while that host is down. */
describe('an external repository', () => {
  let installation: Installation;
  let host: GitHost;
  let copy: WorkingCopy;
  let id: string;

  beforeAll(async () => {
    installation = await Installation.create({ SLIPWAY_SAMPLE: 'off', SLIPWAY_GIT_ALLOW: '127.0.0.1' });
    host = await GitHost.make();
    await installation.api.createProject('outside');
    await installation.api.createRepository('outside', 'draft');
    copy = await WorkingCopy.clone(installation, 'outside/draft');
    await copy.git('symbolic-ref', 'HEAD', 'refs/heads/main');
    await copy.git('remote', 'set-url', 'origin', host.urlWithSignIn);
    await copy.pushed('first', { '.slipway.yml': PIPELINE, 'hello.txt': 'hello' });
  });
  afterAll(async () => {
    await copy?.[Symbol.asyncDispose]();
    await host?.[Symbol.asyncDispose]();
    await installation?.destroy();
  });

  const standing = async () => {
    const { project } = await installation.api.query<Standing>(STANDING);
    return project.repositories.find((repository) => repository.id === id)?.connection;
  };
  const fetchNow = () => installation.api.query('mutation ($id: ID!) { fetchRepository(id: $id) { id } }', { id });

  it('is added, and what is pushed there is built here by an agent that knows nothing of the host', async () => {
    const credential = { kind: 'PASSWORD', username: host.user, secret: host.password };
    const { addRepository } = await installation.api.query<{ addRepository: { id: string } }>(ADD, { c: { url: host.url, credential } });
    id = addRepository.id;
    await eventually('the first fetch', 20_000, async () => (await standing())?.state === 'FRESH');
    const sha = await copy.pushed('second', { 'hello.txt': 'hello again' });
    await fetchNow();
    await installation.api.runOf('outside', sha, ['SUCCEEDED']);
  });

  it('goes on being built while the host is down, says since when it is stale, and catches up by itself', async () => {
    await host.down();
    await fetchNow();
    await eventually('the mirror to be stale', 20_000, async () => (await standing())?.state === 'STALE');
    expect(await standing()).toMatchObject({ failingSince: expect.any(String), error: { code: 'unreachable' } });
    const runId = await installation.api.trigger(id);
    await eventually('a run from the mirror', 60_000, async () => (await installation.api.run(runId))?.state === 'SUCCEEDED');
    const sha = await copy.commit('while it was down', { 'hello.txt': 'later' });
    await copy.git('push', '--quiet', host.folder, 'HEAD:refs/heads/main');
    await host.up();
    await installation.api.runOf('outside', sha, ['SUCCEEDED'], 90_000);
    expect(await standing()).toMatchObject({ state: 'FRESH', failingSince: null, error: null });
  });

  it('sends whoever pushes to the mirror to the host', async () => {
    const mirror = `http://dev:${installation.token}@127.0.0.1:${installation.port}/git/outside/app.git`;
    await expect(copy.git('push', mirror, 'HEAD:refs/heads/other')).rejects.toThrow(`Push there: git push ${host.url}`);
  });

  it('leaves the credential in no file and no row, but sealed', async () => {
    const files = await filesUnder(installation.dataDir);
    expect(files.length).toBeGreaterThan(20);
    for (const form of [host.password, Buffer.from(`${host.user}:${host.password}`).toString('base64')]) {
      for (const file of files) expect((await readFile(file)).includes(form), file).toBe(false);
      const dump = await installation.sql(
        'select m::text as row from mirrors m union all select h::text from history h union all select o::text from outbox o',
      );
      expect(JSON.stringify(dump)).not.toContain(form);
    }
  });
});

const execute = promisify(execFile);

/** Logs, repositories and the server's own files; the database is looked at by its rows, and its files hold no more. */
async function filesUnder(dataDir: string): Promise<string[]> {
  const folders = (await readdir(dataDir)).filter((name) => !name.startsWith('postgres'));
  const { stdout } = await execute('find', [...folders.map((name) => join(dataDir, name)), '-type', 'f', '-size', '-20M'], {
    maxBuffer: 64 * 2 ** 20,
  });
  return stdout.split('\n').filter(Boolean);
}
