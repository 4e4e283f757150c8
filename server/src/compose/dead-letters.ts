import { subjects } from '@slipway/protocol';
import { retryJobIn } from '../build/jobs/retry-job.js';
import { readPipelineAt } from '../build/pipelines/read-pipeline.js';
import type { Retry } from '../observe/dead-letters/retry-dead-letter.js';
import type { Database } from '../platform/database.js';
import type { DeadLetterKind } from '../platform/dead-letters.js';
import { type OutboxMessage, sendAgain } from '../platform/outbox-relay.js';
import { retryStatus } from '../source/commit-statuses/status-rows.js';
import { retryPush } from '../source/repositories/pushes/retry-push.js';
import type { PushLetter } from '../source/repositories/pushes/take-pushes.js';
import { redeliverIn } from '../source/webhooks/redeliver.js';
import type { Features } from './features.js';

/** How each kind of thing that was set aside is tried again. */
export function deadLetterRetries(database: Database, features: Features): Record<DeadLetterKind, Retry> {
  const { gate, startRun, store, mirrors, pullRequests } = features;
  const pushes = { db: database, store, startRun, readPipeline: readPipelineAt };
  return {
    push: (tx, { repositoryId, body }) => retryPush(pushes, tx, repositoryId ?? '', body as PushLetter),
    webhook_delivery: (tx, { key }, userId) => redeliverIn(tx, key, userId),
    job: async (tx, { key }, userId) => void (await retryJobIn(tx, gate, key, userId)),
    outbox_message: (tx, { body }) => sendAgain(tx, body as OutboxMessage),
    observation: async (tx, { body }) => {
      const { agentId, environmentId, generation } = body as { agentId: string; environmentId: string; generation: number };
      tx.tell(subjects.control(agentId), { kind: 'apply', environmentId, generation });
    },
    commit_status: async (tx, { key }) => {
      await retryStatus(tx, key);
      tx.afterCommit(() => pullRequests.sender.wake());
    },
    pull_request: async (tx) => tx.afterCommit(() => pullRequests.refsMoved()),
    mirror: (tx, { key }) => mirrors.ports.requestFetch(tx, key),
    // Their loops look for what is due, and find them again.
    log: FOUND_AGAIN,
    overdue_attempt: FOUND_AGAIN,
    overdue_job: FOUND_AGAIN,
    deployment_work: async (tx) => tx.afterCommit(() => features.deploymentDeps.wake()),
  };
}

const FOUND_AGAIN: Retry = async () => undefined;
