import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunFacts, TERMINAL } from '../api.js';
import { eventually } from '../eventually.js';
import { GitHost } from '../git-host.js';
import { HostWebhook } from '../host-webhook.js';
import { Installation } from '../installation.js';
import { WorkingCopy } from '../working-copy.js';

const PIPELINE = `on:
  push:
    branches: main
  pull_request:
jobs:
  build:
    secrets: [KEY]
    steps:
      - run: |
          git log -1 --format=%P | wc -w
          echo "key: \${KEY:-none at all}"
          test ! -e broken.txt
`;
const ADD = 'mutation ($c: HostConnectionInput!) { addRepository(project: "outside", name: "app", connection: $c) { id } }';
const WEBHOOK = '{ project(name: "outside") { repositories { id connection { state webhookPath webhookSecret } } } }';
const PULL_REQUESTS = `{ project(name: "outside") { repositories { id pullRequests(first: 10) { edges { node {
  id number state mergeState conflicts isFork needsApproval headSha } } } } } }`;

type Pull = {
  id: string;
  number: number;
  state: string;
  mergeState: string;
  conflicts: string[];
  isFork: boolean;
  needsApproval: boolean;
  headSha: string;
};

/** A team at a code host that calls: from a pull request to its merge, with the status back at the host. */
describe('a pull request at a code host', () => {
  let installation: Installation;
  let host: GitHost;
  let copy: WorkingCopy;
  let webhook: HostWebhook;
  let id: string;

  beforeAll(async () => {
    installation = await Installation.create({ SLIPWAY_SAMPLE: 'off', SLIPWAY_GIT_ALLOW: '127.0.0.1' });
    host = await GitHost.make();
    await installation.api.createProject('outside');
    await installation.api.createRepository('outside', 'draft');
    copy = await WorkingCopy.clone(installation, 'outside/draft');
    await copy.git('symbolic-ref', 'HEAD', 'refs/heads/main');
    await copy.git('remote', 'set-url', 'origin', host.urlWithSignIn);
    await copy.pushed('first', { '.slipway.yml': PIPELINE, 'a.txt': 'one\n' });
    const credential = { kind: 'PASSWORD', username: host.user, secret: host.password };
    const connection = { url: host.url, host: 'GITHUB', apiUrl: host.apiUrl, credential };
    id = (await installation.api.query<{ addRepository: { id: string } }>(ADD, { c: connection })).addRepository.id;
    await installation.api.query('mutation { setSecret(project: "outside", name: "KEY", value: "s3cret-of-the-team") { name } }');
    webhook = await eventually('the first fetch', 20_000, async () => {
      type Found = {
        project: { repositories: { id: string; connection: { state: string; webhookPath: string; webhookSecret: string } | null }[] };
      };
      const found = (await installation.api.query<Found>(WEBHOOK)).project.repositories.find((each) => each.id === id)?.connection;
      return found?.state === 'FRESH' ? new HostWebhook(`${installation.url}${found.webhookPath}`, found.webhookSecret) : undefined;
    });
  });
  afterAll(async () => {
    await copy?.[Symbol.asyncDispose]();
    await host?.[Symbol.asyncDispose]();
    await installation?.destroy();
  });

  const pull = async (number: number): Promise<Pull | undefined> => {
    type Found = { project: { repositories: { id: string; pullRequests: { edges: { node: Pull }[] } }[] } };
    const { project } = await installation.api.query<Found>(PULL_REQUESTS);
    const edges = project.repositories.find((repository) => repository.id === id)?.pullRequests.edges ?? [];
    return edges.map(({ node }) => node).find((node) => node.number === number);
  };
  /** Runs of a commit as people know it. */
  const runsOf = async (sha: string): Promise<RunFacts[]> => {
    const rows = await installation.sql<{ id: string }>(
      `select id from runs where head_sha = '${sha}' or (commit_sha = '${sha}' and head_sha is null) order by number`,
    );
    return (await Promise.all(rows.map((row) => installation.api.run(row.id)))).filter((run) => run !== null);
  };
  const endOf = (sha: string) =>
    eventually(`the end of the run of ${sha.slice(0, 7)}`, 60_000, async () =>
      (await runsOf(sha)).find((run) => TERMINAL.includes(run.state)),
    );
  const logOf = async (run: RunFacts) => {
    const job = await installation.api.job(run.jobs[0]?.id ?? '');
    return installation.api.logText(job.attempts[0]?.id ?? '');
  };
  const lastStatus = (sha: string, context: string) => host.statuses.findLast((status) => status.sha === sha && status.context === context);
  /** As hosts do when a pull request is opened or pushed to. */
  const headOf = async (number: number, branch: string) => {
    const sha = await copy.git('rev-parse', 'HEAD');
    await copy.git('push', '--quiet', '--force', 'origin', `HEAD:refs/heads/${branch}`);
    await copy.git('--git-dir', host.folder, 'update-ref', `refs/pull/${number}/head`, sha);
    return sha;
  };

  it('shows a push within seconds of the webhook, once, however often it is told of it', async () => {
    const sha = await copy.pushed('second', { 'a.txt': 'two\n' });
    const id = 'one-delivery';
    const payload = { ref: 'refs/heads/main', repository: { full_name: 'acme/app' }, before: '1'.repeat(40), after: sha };
    const answers = await Promise.all(Array.from({ length: 10 }, () => webhook.deliver('push', payload, { id })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect((await endOf(sha)).state).toBe('SUCCEEDED');
    expect((await webhook.deliver('push', payload)).status).toBe(202);
    expect((await webhook.deliver('push', payload, { secret: 'wrong' })).status).toBe(401);
    expect(await runsOf(sha)).toHaveLength(1);
    await eventually('the status of the push', 10_000, async () => lastStatus(sha, 'slipway/app/push')?.state === 'success');
  });

  it('is built as the merge with its base, and the host hears how its head fares', async () => {
    await copy.git('checkout', '--quiet', '-b', 'feature');
    await copy.commit('feature', { 'b.txt': 'b\n' });
    const head = await headOf(1, 'feature');
    expect((await webhook.pullRequest({ number: 1, headSha: head, branch: 'feature', action: 'opened' })).status).toBe(202);
    const run = await endOf(head);
    expect(run.state).toBe('SUCCEEDED');
    expect(run.commitSha).not.toBe(head);
    const log = await logOf(run);
    expect(log).toMatch(/^2$/m);
    expect(log).not.toContain('s3cret-of-the-team');
    expect(await pull(1)).toMatchObject({ state: 'OPEN', mergeState: 'CLEAN', headSha: head });
    await eventually('the status of the head', 10_000, async () => lastStatus(head, 'slipway/app/pr')?.state === 'success');
    expect(host.statuses.filter((status) => status.sha === head && status.context === 'slipway/app/pr').at(-1)).toMatchObject({
      state: 'success',
      target_url: expect.stringContaining('/runs/'),
    });
  });

  it('that breaks the build is told as failed', async () => {
    await copy.commit('breaks', { 'broken.txt': 'x' });
    const head = await headOf(1, 'feature');
    await webhook.pullRequest({ number: 1, headSha: head, branch: 'feature', action: 'synchronize' });
    expect((await endOf(head)).state).toBe('FAILED');
    await eventually('the status', 10_000, async () => lastStatus(head, 'slipway/app/pr')?.state === 'failure');
  });

  it('in conflict names the files, and starts nothing', async () => {
    await copy.git('checkout', '--quiet', '-B', 'clash', 'feature~1');
    await copy.commit('clash', { 'a.txt': 'three\n' });
    const head = await headOf(2, 'clash');
    await copy.git('checkout', '--quiet', 'main');
    const main = await copy.pushed('other', { 'a.txt': 'four\n' });
    await webhook.push('main');
    await endOf(main);
    await webhook.pullRequest({ number: 2, headSha: head, branch: 'clash', action: 'opened' });
    await eventually('the conflict', 20_000, async () => (await pull(2))?.mergeState === 'CONFLICT');
    expect((await pull(2))?.conflicts).toEqual(['a.txt']);
    expect(await runsOf(head)).toEqual([]);
    await eventually('the status', 10_000, async () => lastStatus(head, 'slipway/app/pr')?.state === 'failure');
  });

  it('of a fork runs nothing until somebody approves that very commit, and gets no secret then', async () => {
    await copy.git('checkout', '--quiet', '-B', 'theirs', 'main');
    const head = await copy.commit('from a stranger', { 'c.txt': 'c\n' });
    await copy.git('push', '--quiet', host.folder, `${head}:refs/pull/3/head`);
    await webhook.pullRequest({ number: 3, headSha: head, branch: 'theirs', action: 'opened', fork: 'stranger/app' });
    const waiting = await eventually('the pull request', 20_000, async () => {
      const found = await pull(3);
      return found?.mergeState === 'CLEAN' ? found : undefined;
    });
    expect(waiting).toMatchObject({ isFork: true, needsApproval: true });
    expect(await runsOf(head)).toEqual([]);
    const approve = 'mutation ($id: ID!, $sha: String!) { approvePullRequest(id: $id, headSha: $sha) { needsApproval } }';
    await expect(installation.api.query(approve, { id: waiting.id, sha: '1'.repeat(40) })).rejects.toThrow();
    await installation.api.query(approve, { id: waiting.id, sha: head });
    const run = await endOf(head);
    expect(run.state).toBe('SUCCEEDED');
    expect(await logOf(run)).toContain('key: none at all');
  });

  it('is merged from here at the host, which is then built', async () => {
    await copy.git('checkout', '--quiet', '-B', 'good', 'main');
    await copy.commit('good', { 'd.txt': 'd\n' });
    const head = await headOf(4, 'good');
    await webhook.pullRequest({ number: 4, headSha: head, branch: 'good', action: 'opened' });
    await endOf(head);
    const { mergeBranch } = await installation.api.query<{ mergeBranch: { outcome: string; sha: string } }>(
      'mutation ($id: ID!) { mergeBranch(repositoryId: $id, source: "good", target: "main", strategy: SQUASH) { outcome sha } }',
      { id },
    );
    expect(mergeBranch.outcome).toBe('MERGED');
    expect(await copy.git('--git-dir', host.folder, 'rev-parse', 'main')).toBe(mergeBranch.sha);
    expect((await endOf(mergeBranch.sha)).state).toBe('SUCCEEDED');
    const clash = await installation.api.query<{ mergeBranch: { outcome: string; conflicts: { path: string }[] } }>(
      'mutation ($id: ID!) { mergeBranch(repositoryId: $id, source: "clash", target: "main", strategy: MERGE_COMMIT) { outcome conflicts { path } } }',
      { id },
    );
    expect(clash.mergeBranch).toMatchObject({ outcome: 'CONFLICTS', conflicts: [{ path: 'a.txt' }] });
    expect(await copy.git('--git-dir', host.folder, 'rev-parse', 'main')).toBe(mergeBranch.sha);
  });
});
