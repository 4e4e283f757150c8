import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPipelineAt } from '../../../build/pipelines/read-pipeline.js';
import { createStartRun } from '../../../build/runs/start-run.js';
import type { Database } from '../../../platform/database.js';
import { DomainError } from '../../../platform/errors.js';
import { runGit } from '../../../platform/git.js';
import { aRepository, noDeployments } from '../../../testing/builders.js';
import type { PullRequestFacts } from '../../code-hosts/pull-request-facts.js';
import { WantedStatuses } from '../../commit-statuses/want-status.js';
import type { Mirrors, PullRequestSource } from '../../mirrors/ports.js';
import { hosting } from '../../repositories/testing/hosted.js';
import { WorkTree } from '../../repositories/testing/work-tree.js';
import { headRef } from '../make-merge.js';
import { PullRequestNews } from '../pull-request-news.js';

export const PIPELINE = `on: [push, pull_request]\njobs:\n  build:\n    steps:\n      - run: make\n`;

/** A code host with one repository, a developer's clone of it, and Slipway with its copy. Git is real; the way to the host is a folder. */
export async function pullRequestWorld(db: Database) {
  const host = await mkdtemp(join(tmpdir(), 'slipway-host-'));
  await runGit(['init', '--quiet', '--bare', '--initial-branch=main', host]);
  const tree = await WorkTree.make();
  await tree.git('remote', 'add', 'host', host);
  const hosted = await hosting({ db });
  const at = await aRepository(db);
  await hosted.store.init(at.repositoryId);
  await db.query(`update repositories set kind = 'external' where id = $1`, [at.repositoryId]);
  await db.query(
    `insert into mirrors (repository_id, url, host, api_url, credential_kind, webhook_secret) values ($1, 'https://host.test/acme/app', 'github', 'https://api.host.test', 'token', '')`,
    [at.repositoryId],
  );
  const startRun = createStartRun(() => noDeployments);
  const ingest = hosted.ingest(startRun);
  const mirrors = new FolderMirror(host, hosted.store, (id) => ingest.ingest(id));
  const deps = {
    database: db,
    store: hosted.store,
    mirrors,
    statuses: new WantedStatuses(() => undefined),
    gate: noDeployments,
    startRun,
    readPipeline: readPipelineAt,
  };
  const news = new PullRequestNews(deps);
  return {
    ...at,
    host,
    tree,
    store: hosted.store,
    gitDir: hosted.store.folder(at.repositoryId),
    mirrors,
    deps,
    news,

    /** A commit on a branch of the host; a new branch begins at `from`. */
    async commit(branch: string, files: Record<string, string>, from = 'main'): Promise<string> {
      const present = (await tree.git('branch', '--list', branch)).trim() !== '';
      if (present) await tree.git('checkout', '--quiet', '--force', branch);
      else if (branch !== 'main') await tree.git('checkout', '--quiet', '--force', '-b', branch, from);
      const sha = await tree.commit(`on ${branch}: ${Object.keys(files).join(', ')}`, files);
      await tree.git('push', '--quiet', '--force', 'host', branch);
      return sha;
    },

    /** As hosts do: the head of a pull request has a ref of its own. */
    async facts(over: Partial<PullRequestFacts> & { headSha: string }): Promise<PullRequestFacts> {
      const facts = { ...FACTS, ...over };
      await runGit(['update-ref', `refs/pull/${facts.number}/head`, facts.headSha], { gitDir: host });
      return facts;
    },

    runs: () =>
      db.query<RunOfPullRequest>(
        `select number, state, branch, ref, commit_sha as "commitSha", head_sha as "headSha", trusted from runs
         where repository_id = $1 and trigger = 'pull_request' order by number`,
        [at.repositoryId],
      ),

    async row() {
      const [row] = await db.query<Record<string, unknown>>(
        `select state, merge_state as "mergeState", conflicts, merge_sha as "mergeSha", base_sha as "baseSha", head_sha as "headSha", title
         from pull_requests where repository_id = $1`,
        [at.repositoryId],
      );
      return row;
    },

    async id(): Promise<string> {
      return (await db.query<{ id: string }>('select id from pull_requests where repository_id = $1', [at.repositoryId]))[0]?.id ?? '';
    },

    statuses: () =>
      db.query<{ sha: string; context: string; state: string; description: string }>(
        `select sha, context, state, description from commit_statuses where repository_id = $1 and context like '%/pr' order by id`,
        [at.repositoryId],
      ),

    async remove(): Promise<void> {
      await hosted.remove();
      await tree[Symbol.asyncDispose]();
      await rm(host, { recursive: true, force: true });
    },
  };
}

export type PullRequestWorld = Awaited<ReturnType<typeof pullRequestWorld>>;
type RunOfPullRequest = {
  number: number;
  state: string;
  branch: string;
  ref: string;
  commitSha: string;
  headSha: string;
  trusted: boolean;
};

const FACTS = {
  number: 7,
  title: 'Say hello',
  author: 'grace',
  url: 'https://host.test/acme/app/pulls/7',
  state: 'open' as const,
  sourceBranch: 'feature',
  sourceRepository: null,
  sourceUrl: null,
  baseBranch: 'main',
  /** The repository is there by then. */
  updatedAt: new Date('2040-01-01T10:00:00Z'),
};

/** As mirrors do it, one fetch at a time, without a network. */
class FolderMirror implements Pick<Mirrors, 'fetchNow' | 'fetchPullRequestHead'> {
  isAway = false;
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly host: string,
    private readonly store: {
      folder(id: string): string;
      fetching(cause: 'fetch'): { config: Record<string, string>; env: Record<string, string> };
    },
    private readonly ingest: (repositoryId: string) => Promise<void>,
  ) {}

  async fetchNow(repositoryId: string): Promise<void> {
    await this.fetch(repositoryId, ['--prune', '--atomic'], ['+refs/heads/*:refs/heads/*']);
    await this.ingest(repositoryId);
  }

  async fetchPullRequestHead(repositoryId: string, { number, headSha }: PullRequestSource): Promise<string> {
    await this.fetch(repositoryId, [], [`+refs/pull/${number}/head:${headRef(number)}`]);
    const found = (await runGit(['rev-parse', headRef(number)], { gitDir: this.store.folder(repositoryId) })).trim();
    if (!found.startsWith(headSha)) throw new DomainError('conflict', 'pull_request_moved', 'The head is another by now.');
    return found;
  }

  private fetch(repositoryId: string, options: string[], refs: string[]): Promise<void> {
    const fetched = this.last.then(() => this.fetchAlone(repositoryId, options, refs));
    this.last = fetched.catch(() => undefined);
    return fetched;
  }

  private async fetchAlone(repositoryId: string, options: string[], refs: string[]): Promise<void> {
    if (this.isAway) throw new DomainError('unavailable', 'host_away', 'The host does not answer.');
    await runGit(['fetch', '--quiet', ...options, this.host, ...refs], {
      gitDir: this.store.folder(repositoryId),
      ...this.store.fetching('fetch'),
    });
  }
}
