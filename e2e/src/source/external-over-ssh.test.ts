import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SshHost } from '../../../scripts/services/ssh-host.mjs';
import { eventually } from '../eventually.js';
import { HostWebhook } from '../host-webhook.js';
import { Installation } from '../installation.js';
import { WorkingCopy } from '../working-copy.js';

const PIPELINE = 'on: { push: , pull_request: , manual: }\njobs:\n  build:\n    steps:\n      - run: test -f hello.txt\n';
const ADD = 'mutation ($c: HostConnectionInput!) { addRepository(project: "outside", name: "app", connection: $c) { id } }';
const CONNECTION =
  '{ project(name: "outside") { repositories { id connection { state publicKey hostKeyFingerprints webhookPath webhookSecret error { code } } } } }';
type Connection = {
  state: string;
  publicKey: string | null;
  hostKeyFingerprints: string[];
  webhookPath: string;
  webhookSecret: string;
  error: { code: string } | null;
};

/** A host that speaks ssh alone, and has no API. */
describe('an external repository over ssh', () => {
  let installation: Installation;
  let host: SshHost;
  let copy: WorkingCopy;
  let id: string;

  beforeAll(async () => {
    installation = await Installation.create({ SLIPWAY_SAMPLE: 'off', SLIPWAY_GIT_ALLOW: '127.0.0.1' });
    host = await SshHost.make();
    copy = await WorkingCopy.ofNewProject(installation, 'outside');
    await copy.git('remote', 'set-url', 'origin', host.folder);
    await copy.pushed('first', { '.slipway.yml': PIPELINE, 'hello.txt': 'hello' });
  });
  afterAll(async () => {
    await copy?.[Symbol.asyncDispose]();
    await host?.[Symbol.asyncDispose]();
    await installation?.destroy();
  });

  const connection = async () => {
    type Found = { project: { repositories: { id: string; connection: Connection | null }[] } };
    const { project } = await installation.api.query<Found>(CONNECTION);
    return project.repositories.find((repository) => repository.id === id)?.connection;
  };
  const state = (wanted: string) => eventually(`the mirror to be ${wanted}`, 30_000, async () => (await connection())?.state === wanted);
  const fetchNow = () => installation.api.query('mutation ($id: ID!) { fetchRepository(id: $id) { id } }', { id });

  it('is added with a key that Slipway makes, and the host key pinned that its owner sees', async () => {
    const made = { url: host.url, host: 'GITHUB', apiUrl: '', credential: { kind: 'SSH_KEY' } };
    const { addRepository } = await installation.api.query<{ addRepository: { id: string } }>(ADD, { c: made });
    id = addRepository.id;
    const found = await eventually('the public key', 10_000, async () => ((await connection())?.publicKey ? connection() : undefined));
    expect(found?.hostKeyFingerprints.join(' ')).toContain(host.fingerprint());
    host.letIn(found?.publicKey ?? '');
    await fetchNow();
    await state('FRESH');
    const sha = await copy.pushed('second', { 'hello.txt': 'again' });
    await fetchNow();
    await installation.api.runOf('outside', sha, ['SUCCEEDED']);
  });

  it('has its pull requests built as the merge, when the host calls', async () => {
    await copy.git('checkout', '--quiet', '-b', 'topic', 'main');
    const head = await copy.commit('topic', { 'topic.txt': 'x' });
    await copy.git('push', '--quiet', 'origin', `${head}:refs/pull/1/head`);
    const found = await connection();
    const webhook = new HostWebhook(`${installation.url}${found?.webhookPath}`, found?.webhookSecret ?? '', 'app');
    expect((await webhook.pullRequest({ number: 1, headSha: head, branch: 'topic', action: 'opened' })).status).toBe(202);
    const built = () =>
      installation.sql<{ state: string; sha: string }>(`select state, commit_sha as sha from runs where head_sha = '${head}'`);
    await eventually('the run of the merge', 60_000, async () => (await built())[0]?.state === 'succeeded');
    expect((await built())[0]?.sha).not.toBe(head);
    await copy.git('checkout', '--quiet', 'main');
  });

  it('has its branches merged at the host', async () => {
    await copy.git('checkout', '--quiet', '-b', 'feature');
    const head = await copy.commit('feature', { 'feature.txt': 'x' });
    await copy.push('feature');
    await fetchNow();
    await installation.api.runOf('outside', head, ['SUCCEEDED']);
    const { mergeBranch } = await installation.api.query<{ mergeBranch: { outcome: string; sha: string } }>(
      'mutation ($id: ID!) { mergeBranch(repositoryId: $id, source: "feature", target: "main", strategy: MERGE_COMMIT) { outcome sha } }',
      { id },
    );
    expect(mergeBranch.outcome).toBe('MERGED');
    expect(await copy.git('--git-dir', host.folder, 'rev-parse', 'main')).toBe(mergeBranch.sha);
    await installation.api.runOf('outside', mergeBranch.sha, ['SUCCEEDED']);
  });

  it('is built while the host is down, and catches up by itself', async () => {
    await host.down();
    await fetchNow();
    await state('STALE');
    const runId = await installation.api.trigger(id);
    await eventually('a run from the mirror', 60_000, async () => (await installation.api.run(runId))?.state === 'SUCCEEDED');
    await copy.git('checkout', '--quiet', '-B', 'main', 'feature');
    const sha = await copy.commit('while it was down', { 'later.txt': 'x' });
    await copy.git('push', '--quiet', '--force', 'origin', 'HEAD:refs/heads/main');
    await host.up();
    await installation.api.runOf('outside', sha, ['SUCCEEDED'], 90_000);
    await state('FRESH');
  });

  it('is not talked to as somebody else, until an admin accepts the new host key', async () => {
    await host.changeHostKey();
    await fetchNow();
    await eventually('the changed host key', 30_000, async () => (await connection())?.error?.code === 'host_key_changed');
    await installation.api.query('mutation ($id: ID!, $f: String!) { acceptHostKey(id: $id, fingerprint: $f) { id } }', {
      id,
      f: host.fingerprint(),
    });
    await fetchNow();
    await state('FRESH');
  });
});
