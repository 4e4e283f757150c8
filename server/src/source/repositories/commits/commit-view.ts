import { shorten } from '@slipway/protocol';
import type { CommitType } from './commit.type.js';

/** A commit as GraphQL shows it. */
export type CommitView = { [K in keyof CommitType]: CommitType[K] };
export type CommitFacts = Omit<CommitView, 'shortSha' | 'subject'>;

export function asCommit({ repositoryId, sha, message, authorName, authorEmail, committedAt, parents }: CommitFacts): CommitView {
  const subject = message.split('\n', 1)[0] ?? '';
  return { repositoryId, sha, shortSha: shorten(sha, 7), subject, message, authorName, authorEmail, committedAt, parents };
}
