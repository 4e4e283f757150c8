import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../platform/database.js';
import { runGit } from '../../platform/git.js';
import { testDatabase } from '../../testing/database.js';
import { approvePullRequest } from './approve-pull-request.js';
import { PullRequestNews } from './pull-request-news.js';
import { PIPELINE, type PullRequestWorld, pullRequestWorld } from './testing/pull-request-world.js';

let db: Database & { close(): Promise<void> };
let world: PullRequestWorld;
let base: string;
let head: string;
let stopListening: () => void;

beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  world = await pullRequestWorld(db);
  stopListening = db.onCommitting('run', (tx, ids) => world.deps.statuses.runsChanged(tx, ids));
  base = await world.commit('main', { '.slipway.yml': PIPELINE, 'a.txt': 'one\n' });
  head = await world.commit('feature', { 'b.txt': 'two\n' });
});
afterEach(async () => {
  stopListening();
  await world.remove();
});

const later = (minutes: number): Date => new Date(Date.UTC(2040, 0, 1, 10, minutes));
const changed = async (over: Partial<Parameters<PullRequestWorld['facts']>[0]> = {}) =>
  world.news.changed(world.repositoryId, await world.facts({ headSha: head, ...over }));
const git = (...args: string[]) => runGit(args, { gitDir: world.gitDir });

describe('a pull request', () => {
  it('is built as the head merged into the base, at a ref that no client sees', async () => {
    expect(await changed()).toBe('Run #3 was started for its merge into "main".');
    const [run] = await world.runs();
    expect(run).toMatchObject({ branch: 'feature', ref: 'refs/pull/7/merge', headSha: head, trusted: true, state: 'pending' });
    const merge = run?.commitSha ?? '';
    expect((await git('rev-parse', 'refs/slipway/pulls/7/merge')).trim()).toBe(merge);
    expect((await git('show', '-s', '--format=%P|%an|%s', merge)).trim()).toBe(
      `${base} ${head}|Slipway|Merge pull request #7 (feature) into main`,
    );
    expect(await git('ls-tree', '--name-only', merge)).toBe('.slipway.yml\na.txt\nb.txt\n');
    expect(await world.row()).toMatchObject({ mergeState: 'clean', mergeSha: merge, baseSha: base, conflicts: [] });
    expect(await world.statuses()).toMatchObject([{ sha: head, context: 'slipway/app/pr', state: 'pending' }]);
    expect(
      await db.query('select sha from commits where repository_id = $1 and sha = any($2)', [world.repositoryId, [merge, head]]),
    ).toHaveLength(2);
  });

  it.each([
    ['https://git.example/app/pulls/7', 'https://git.example/app/pulls/7'],
    ['javascript:alert(document.cookie)', null],
    [' JavaScript:alert(1)//https://', null],
    ['data:text/html,x', null],
  ])('links to its page at the host, and to nothing that is no page: %s', async (url, shown) => {
    await changed({ url });
    expect(await db.query('select url from pull_requests where repository_id = $1', [world.repositoryId])).toEqual([{ url: shown }]);
  });

  it('goes from opened over updated, conflict and resolved to merged', async () => {
    await changed();
    head = await world.commit('feature', { 'a.txt': 'feature\n' });
    await changed({ headSha: head, updatedAt: later(1) });
    const [first, second] = await world.runs();
    expect([first?.state, second?.state]).toEqual(['cancelled', 'pending']);
    await world.commit('main', { 'a.txt': 'main\n' });
    head = await world.commit('feature', { 'a.txt': 'feature again\n' });
    expect(await changed({ headSha: head, updatedAt: later(2) })).toBe("It can't be merged: conflicts in a.txt.");
    expect(await world.row()).toMatchObject({ mergeState: 'conflict', conflicts: ['a.txt'], mergeSha: null });
    expect((await world.runs()).map(({ state }) => state)).toEqual(['cancelled', 'cancelled']);
    const conflict = { sha: head, state: 'failure', description: "It can't be merged: conflicts in a.txt." };
    expect((await world.statuses()).at(-1)).toMatchObject(conflict);
    head = await world.commit('feature', { 'a.txt': 'main\n' });
    await changed({ headSha: head, updatedAt: later(3) });
    expect((await world.runs()).map(({ state }) => state)).toEqual(['cancelled', 'cancelled', 'pending']);
    expect(await changed({ state: 'merged', updatedAt: later(4) })).toBe('Pull request #7 is merged.');
    expect((await world.runs()).map(({ state }) => state)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    const jobs = await db.query(
      'select distinct reason, message from jobs j join runs r on r.id = j.run_id where r.repository_id = $1 and r.trigger = $2',
      [world.repositoryId, 'pull_request'],
    );
    expect(jobs).toContainEqual({ reason: 'superseded', message: 'Pull request #7 has a newer commit.' });
    expect(jobs).toContainEqual({ reason: 'superseded', message: 'Pull request #7 is merged.' });
  });

  it('told of ten times at once, or again later, has one run', async () => {
    const facts = await world.facts({ headSha: head });
    const otherServer = new PullRequestNews(world.deps);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => (n % 2 ? world.news : otherServer).changed(world.repositoryId, facts)),
    );
    expect(answers.filter((answer) => answer.startsWith('Run #3 was started'))).toHaveLength(1);
    expect(await changed({ title: 'Say hello again', updatedAt: later(1) })).toBe('This commit already has run #3.');
    expect(await world.runs()).toHaveLength(1);
    expect(await world.row()).toMatchObject({ title: 'Say hello again' });
  });

  it('passes over what is older than what is known, and does not open again by it', async () => {
    const old = await world.facts({ headSha: head });
    head = await world.commit('feature', { 'b.txt': 'three\n' });
    await changed({ updatedAt: later(2) });
    expect(await world.news.changed(world.repositoryId, old)).toBe(
      'Ignored: it is older than what Slipway already knows about pull request #7.',
    );
    await changed({ state: 'closed', updatedAt: later(3) });
    await changed({ state: 'open', updatedAt: later(3) });
    expect(await world.row()).toMatchObject({ state: 'closed', headSha: head });
    expect(await world.runs()).toHaveLength(1);
  });

  it('that is opened again at the same commit is built again, as its run was stopped', async () => {
    await changed();
    await changed({ state: 'closed', updatedAt: later(1) });
    await changed({ updatedAt: later(2) });
    expect((await world.runs()).map(({ state, headSha }) => [state, headSha])).toEqual([
      ['cancelled', head],
      ['pending', head],
    ]);
    expect((await world.statuses()).map(({ state }) => state)).toEqual(['pending']);
  });

  it('for another base is another build', async () => {
    await world.commit('next', { 'c.txt': 'three\n' });
    await changed();
    await changed({ baseBranch: 'next', updatedAt: later(1) });
    expect((await world.runs()).map(({ state }) => state)).toEqual(['cancelled', 'pending']);
  });

  it('is known by its whole head, also where the host tells only the first digits of it', async () => {
    const whole = await world.commit('feature', { 'short.txt': 'x' });
    const short = { ...(await world.facts({ headSha: whole })), headSha: whole.slice(0, 12) };
    await world.news.changed(world.repositoryId, short);
    await world.news.changed(world.repositoryId, { ...short, updatedAt: new Date(short.updatedAt.getTime() + 1_000) });
    expect(await world.row()).toMatchObject({ headSha: whole, mergeState: 'clean' });
    expect((await world.runs()).filter((run) => run.headSha === whole)).toHaveLength(1);
    await world.news.changed(world.repositoryId, { ...short, state: 'closed', updatedAt: new Date(short.updatedAt.getTime() + 2_000) });
    expect(await world.row()).toMatchObject({ headSha: whole, state: 'closed' });
  });

  it('is left out by filters as they say, once, and the page knows why', async () => {
    const on = 'on:\n  pull_request:\n    branches: [release/*]\n';
    head = await world.commit('feature', { '.slipway.yml': PIPELINE.replace(/^on.*\n/, on) });
    expect(await changed()).toBe('No run: Branch "main" matches none of "branches" (release/*).');
    expect(await changed()).toBe('No run: Branch "main" matches none of "branches" (release/*).');
    expect(await world.runs()).toEqual([]);
  });

  it('that was open when the repository was added waits for its next commit', async () => {
    expect(await changed({ updatedAt: new Date('2020-01-01T10:00:00Z') })).toContain('It was already open when the repository was added');
    expect(await world.row()).toMatchObject({ mergeState: 'clean' });
    head = await world.commit('feature', { 'b.txt': 'three\n' });
    await changed();
    expect(await world.runs()).toMatchObject([{ headSha: head }]);
  });

  it('whose pipeline can not be read has an invalid run, and the host hears why', async () => {
    head = await world.commit('feature', { '.slipway.yml': 'jobs: [' });
    await changed();
    expect(await world.runs()).toMatchObject([{ state: 'invalid' }]);
    expect(await world.statuses()).toMatchObject([{ state: 'error', description: expect.stringContaining("The pipeline can't be read") }]);
  });

  it('without history in common with its base is a conflict, and no failure', async () => {
    await world.tree.git('checkout', '--quiet', '--orphan', 'lonely');
    head = await world.tree.commit('lonely', { 'x.txt': 'x' });
    await world.tree.git('push', '--quiet', 'host', 'lonely');
    expect(await changed({ sourceBranch: 'lonely' })).toContain('no commit in common');
    expect(await world.row()).toMatchObject({ mergeState: 'conflict', conflicts: [] });
  });

  it('says why it can not be had while the host is away, and goes on when it is back', async () => {
    world.mirrors.isAway = true;
    await expect(changed()).rejects.toThrow('does not answer');
    expect(await world.row()).toMatchObject({ state: 'open', mergeState: 'unknown' });
    world.mirrors.isAway = false;
    await changed();
    expect(await world.runs()).toHaveLength(1);
  });
});

describe('of a fork', () => {
  const fork = { sourceRepository: 'stranger/app', sourceBranch: 'main' };
  const approve = (sha: string) => world.id().then((id) => approvePullRequest(db, id, sha, world.userId).then(() => world.news.settle(id)));

  it('runs nothing until somebody approves that very commit, and then without trust', async () => {
    expect(await changed(fork)).toContain(`somebody has to approve commit ${head.slice(0, 10)}`);
    expect(await world.runs()).toEqual([]);
    expect(await world.row()).toMatchObject({ mergeState: 'clean' });
    await approve(head);
    await approve(head);
    expect(await world.runs()).toMatchObject([{ trusted: false, headSha: head, branch: 'main' }]);
  });

  it('needs another approval for another commit', async () => {
    await changed(fork);
    await approve(head);
    const approved = head;
    head = await world.commit('feature', { 'b.txt': 'evil\n' });
    await changed({ ...fork, updatedAt: later(1) });
    expect((await world.runs()).map(({ state }) => state)).toEqual(['cancelled']);
    await expect(approve(approved)).rejects.toMatchObject({ code: 'pull_request_moved' });
    expect(await world.runs()).toHaveLength(1);
  });

  it('can not be approved when it is over, and needs none when it is no fork', async () => {
    await changed();
    await expect(approve(head)).rejects.toMatchObject({ code: 'approval_not_needed' });
    await changed({ ...fork, state: 'closed', updatedAt: later(1) });
    await expect(approve(head)).rejects.toMatchObject({ code: 'pull_request_over' });
  });
});
