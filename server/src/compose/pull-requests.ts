import { readPipelineAt } from '../build/pipelines/read-pipeline.js';
import type { DeployGate, StartRun } from '../build/runs/ports.js';
import type { Database } from '../platform/database.js';
import type { Logger } from '../platform/log.js';
import type { HostFetch } from '../source/code-hosts/call-host.js';
import { StatusRows } from '../source/commit-statuses/status-rows.js';
import { StatusSender } from '../source/commit-statuses/status-sender.js';
import { WantedStatuses } from '../source/commit-statuses/want-status.js';
import type { Mirrors } from '../source/mirrors/ports.js';
import { approvePullRequest } from '../source/pull-requests/approve-pull-request.js';
import { MergeKeeper } from '../source/pull-requests/merge-keeper.js';
import { PullRequestNews } from '../source/pull-requests/pull-request-news.js';
import { syncPullRequests } from '../source/pull-requests/sync-pull-requests.js';
import type { RepositoryStore } from '../source/repositories/repository-store.js';

export type PullRequestDeps = {
  database: Database;
  store: RepositoryStore;
  mirrors: Mirrors;
  /** Reaches only what may be reached from here. */
  fetch: HostFetch;
  gate: DeployGate;
  startRun: StartRun;
  /** As people reach this server, without a slash at the end. */
  publicUrl: string;
  log: Logger;
};

/** Pull requests, and the statuses that are reported to code hosts. */
export function composePullRequests({ database, store, mirrors, fetch, gate, startRun, publicUrl, log }: PullRequestDeps) {
  const sender = new StatusSender({
    rows: new StatusRows(database),
    mirrors,
    fetch,
    publicUrl,
    log,
    random: Math.random,
    now: Date.now,
  });
  const statuses = new WantedStatuses(() => sender.wake());
  const news = new PullRequestNews({ database, store, mirrors, statuses, gate, startRun, readPipeline: readPipelineAt });
  const keeper = new MergeKeeper({ database, settle: (id) => news.settle(id), log, now: Date.now });
  return {
    news,
    sender,
    /** To be called when refs of a repository have moved. */
    refsMoved: () => keeper.wake(),
    /** To be called after each poll of a repository. */
    sync: (repositoryId: string) => syncPullRequests({ database, mirrors, pullRequests: news, fetch, log }, repositoryId),
    async approve(id: string, headSha: string, userId: string): Promise<void> {
      await approvePullRequest(database, id, headSha, userId);
      keeper.wake();
    },
    /** @returns a function that ends all of it, and waits for what is under way */
    start(): () => Promise<void> {
      const stopListening = statuses.listen(database);
      sender.start();
      keeper.start();
      return async () => {
        await keeper.stop();
        await sender.stop();
        stopListening();
      };
    },
  };
}
