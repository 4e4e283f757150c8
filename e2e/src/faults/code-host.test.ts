import { execFileSync } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../eventually.js';
import { GitHost } from '../git-host.js';
import { HostWebhook } from '../host-webhook.js';
import { Installation } from '../installation.js';
import { expectInvariants } from '../invariants.js';
import { isRunning, processesOf } from '../processes.js';
import { SecondServer } from '../second-server.js';
import { WorkingCopy } from '../working-copy.js';

const PIPELINE = 'on:\n  push:\n  pull_request:\njobs:\n  build:\n    steps:\n      - run: "true"\n';
const ADD = 'mutation ($p: String!, $c: HostConnectionInput!) { addRepository(project: $p, name: "app", connection: $c) { id } }';
const WEBHOOKS = '{ projects(first: 9) { edges { node { repositories { id connection { webhookPath webhookSecret } } } } } }';
type Found = { id: string; connection: { webhookPath: string; webhookSecret: string } | null };
type Webhooks = { projects: { edges: { node: { repositories: Found[] } }[] } };

/** Between a code host and Slipway: servers die at their worst moments, and hosts say nothing. */
describe('a code host', () => {
  let installation: Installation;
  let host: GitHost;
  let copy: WorkingCopy;
  let id: string;
  const pushes: string[] = [];

  beforeAll(async () => {
    installation = await Installation.create({ SLIPWAY_SAMPLE: 'off', SLIPWAY_GIT_ALLOW: '127.0.0.1' });
    host = await GitHost.make();
    await installation.api.createProject('outside');
    await installation.api.createRepository('outside', 'draft');
    copy = await WorkingCopy.clone(installation, 'outside/draft');
    await copy.git('symbolic-ref', 'HEAD', 'refs/heads/main');
    await copy.git('remote', 'set-url', 'origin', host.urlWithSignIn);
    pushes.push(await copy.pushed('first', { '.slipway.yml': PIPELINE, 'a.txt': 'first\n' }));
    id = await add('outside', host);
  });
  afterAll(async () => {
    await copy?.[Symbol.asyncDispose]();
    await host?.[Symbol.asyncDispose]();
    await installation?.destroy();
  });

  async function add(project: string, at: GitHost): Promise<string> {
    const added = await connect(project, at);
    await eventually('the first fetch', 20_000, async () => (await mirrorOf(added))?.fetched);
    return added;
  }
  async function connect(project: string, at: GitHost): Promise<string> {
    const credential = { kind: 'PASSWORD', username: at.user, secret: at.password };
    const connection = { url: at.url, host: 'GITHUB', apiUrl: at.apiUrl, credential };
    const { addRepository } = await installation.api.query<{ addRepository: { id: string } }>(ADD, { p: project, c: connection });
    return addRepository.id;
  }
  const mirrorOf = async (repositoryId: string) =>
    (
      await installation.sql<{ fetched: boolean; idle: boolean }>(
        `select fetched_at is not null as fetched, fetcher_id is null and served >= wanted and failing_since is null as idle
         from mirrors where repository_id = $1`,
        [repositoryId],
      )
    )[0];
  async function webhook(of = id, url = installation.url): Promise<HostWebhook> {
    const { projects } = await installation.api.query<Webhooks>(WEBHOOKS);
    const found = projects.edges.flatMap(({ node }) => node.repositories).find((repository) => repository.id === of)?.connection;
    return new HostWebhook(`${url}${found?.webhookPath}`, found?.webhookSecret ?? '');
  }
  const pushed = async (message: string): Promise<string> => {
    const sha = await copy.pushed(message, { 'a.txt': `${message}\n` });
    pushes.push(sha);
    return sha;
  };
  /** One run for each push, the host's last word on it is how that ended, and nothing is left of any fetch. */
  async function expectAllWell(sha: string): Promise<void> {
    await installation.api.runOf('outside', sha, ['SUCCEEDED']);
    await eventually(
      'the last status at the host',
      90_000,
      async () => host.statuses.findLast((status) => status.sha === sha)?.state === 'success',
    );
    await eventually('the mirror to be idle', 30_000, async () => (await mirrorOf(id))?.idle);
    await expectInvariants(installation, { pushes });
    expect(gits()).toEqual([]);
  }
  const gits = () => processesOf(installation.dataDir, undefined).filter(({ command }) => /^(\S*git|ssh)\b/.test(command));

  it('whose refs have moved here, but not the rows, when the server is killed: they become rows, and one run', async () => {
    await installation.sql(`create function hold() returns trigger language plpgsql as $$ begin perform pg_sleep(3); return null; end $$`);
    await installation.sql('create trigger hold before insert on pushes for each statement execute function hold()');
    const sha = await pushed('killed in between');
    expect((await (await webhook()).push('main')).status).toBe(202);
    const mirror = `${installation.dataDir}/server/repositories/${id}.git`;
    await eventually('the ref to move', 20_000, async () => (await copy.git('--git-dir', mirror, 'rev-parse', 'main')) === sha);
    const killed = await installation.kill('server');
    expect(await installation.sql('select from pushes where new_sha = $1', [sha])).toEqual([]);
    await installation.sql('drop trigger hold on pushes');
    await installation.startedAgain(killed);
    await installation.ready();
    await expectAllWell(sha);
  });

  it('fault 12: that sends one webhook ten times at once to two servers, of which one is killed right after its answer', async () => {
    await using second = await SecondServer.beside(installation);
    const [first, other] = [await webhook(), await webhook(id, second.url)];
    const sha = await pushed('a storm');
    const payload = { ref: 'refs/heads/main', repository: { full_name: 'acme/app' }, before: '1'.repeat(40), after: sha };
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => (n % 2 === 0 ? first : other).deliver('push', payload, { id: 'the-same' })),
    );
    const killed = await installation.kill('server');
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202));
    expect(await installation.sql(`select times from webhook_deliveries where delivery_key = 'the-same'`)).toEqual([{ times: 10 }]);
    await installation.startedAgain(killed);
    await installation.ready();
    await expectAllWell(sha);
  });

  it('that is silent holds up no other one, nor the end of the server, and nothing outlives a killed one for long', async () => {
    await using silent = await GitHost.make();
    await copy.git('push', '--quiet', silent.folder, 'HEAD:refs/heads/main');
    await installation.api.createProject('elsewhere');
    const silentId = await add('elsewhere', silent);
    silent.isSilent = true;
    const told = await webhook(silentId);
    for (let number = 1; number <= 8; number++)
      expect((await told.pullRequest({ number, headSha: '1'.repeat(40), branch: 'theirs', action: 'opened' })).status).toBe(202);
    await eventually('a git that waits', 10_000, async () => gits().length > 0);
    const sha = await pushed('meanwhile');
    await (await webhook()).push('main');
    await installation.api.runOf('outside', sha, ['SUCCEEDED'], 30_000);

    const stopped = await installation.process('server');
    process.kill(stopped.pid, 'SIGTERM');
    await eventually('the end of the server', 5_000, async () => !isRunning(stopped));
    expect(gits().filter(({ command }) => command.includes(silent.url))).toEqual([]);
    await installation.startedAgain(stopped);
    await installation.ready();

    await eventually('a git that waits', 60_000, async () => gits().length > 0);
    const waiting = gits();
    const killed = await installation.kill('server');
    await installation.startedAgain(killed);
    await installation.ready();
    await eventually('the end of what the killed server had started', 5_000, async () => !waiting.some(isRunning));
    await installation.sql('delete from repositories where id = $1', [silentId]);
    await installation.killAndRecover('server');
    await expectAllWell(sha);
  });

  it('with 10,000 branches is imported whole, once and with one run, though the server is killed while the refs move', async () => {
    await using large = await GitHost.make();
    await copy.git('push', '--quiet', large.folder, 'HEAD:refs/heads/main');
    const sha = await copy.git('rev-parse', 'HEAD');
    const names = Array.from({ length: 10_000 }, (_, n) => `create refs/heads/team-${n % 100}/b${n} ${sha}`);
    execFileSync('git', ['--git-dir', large.folder, 'update-ref', '--stdin'], { input: `${names.join('\n')}\n` });
    await installation.api.createProject('large');
    const largeId = await connect('large', large);
    const journal = join(installation.dataDir, `server/repositories/${largeId}.git/slipway-journal`);
    await eventually('the first refs in the journal', 20_000, async () => (await stat(journal)).size > 0);
    await installation.killAndRecover('server');
    await eventually('the first fetch', 90_000, async () => (await mirrorOf(largeId))?.idle);
    const rows = await installation.sql(
      `select cause, count(*)::int as pushes, count(distinct ref)::int as refs, (select count(*)::int from branches where repository_id = $1) as branches,
         (select count(*)::int from runs where repository_id = $1) as runs from pushes where repository_id = $1 group by cause`,
      [largeId],
    );
    expect(rows).toEqual([{ cause: 'import', pushes: 10_001, refs: 10_001, branches: 10_001, runs: 1 }]);
    await expectInvariants(installation, { pushes: [] });
    expect(gits()).toEqual([]);
  });
});
