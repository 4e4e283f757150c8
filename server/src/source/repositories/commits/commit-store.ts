import type { Database } from '../../../platform/database.js';
import { type CommitWalk, type NewCommit, readCommits } from './commit-log.js';

/** What is reached first ends a batch: commits with thousands of parents, or messages as long as they may be, are few to one. */
const MOST_COMMITS = 2_000;
const MOST_CHARACTERS = 4 * 1024 * 1024;

/**
 * Puts commits into the table, before the push that brought them: repeating it is harmless, and a row that no branch
 * shows yet disturbs nobody. Memory stays at one batch, however many there are.
 */
export async function storeNewCommits(db: Database, repositoryId: string, gitDir: string, walk: CommitWalk): Promise<void> {
  if (walk.tips.length === 0) return;
  let batch: NewCommit[] = [];
  let characters = 0;
  for await (const commit of readCommits(gitDir, walk)) {
    batch.push(commit);
    characters += sizeOf(commit);
    if (batch.length < MOST_COMMITS && characters < MOST_CHARACTERS) continue;
    await insertCommits(db, repositoryId, batch);
    [batch, characters] = [[], 0];
  }
  await insertCommits(db, repositoryId, batch);
}

function sizeOf({ sha, parents, authorName, authorEmail, message }: NewCommit): number {
  return sha.length * (1 + parents.length) + authorName.length + authorEmail.length + message.length;
}

async function insertCommits(db: Database, repositoryId: string, commits: readonly NewCommit[]): Promise<void> {
  if (commits.length === 0) return;
  await db.query(
    `insert into commits (repository_id, sha, parents, author_name, author_email, authored_at, committed_at, message)
     select $1, sha, string_to_array(parents, ' '), author_name, author_email, authored_at, committed_at, message
     from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[], $8::text[])
       as c (sha, parents, author_name, author_email, authored_at, committed_at, message)
     on conflict do nothing`,
    [
      repositoryId,
      commits.map((commit) => commit.sha),
      commits.map((commit) => commit.parents.join(' ')),
      commits.map((commit) => commit.authorName),
      commits.map((commit) => commit.authorEmail),
      commits.map((commit) => commit.authoredAt.toISOString()),
      commits.map((commit) => commit.committedAt.toISOString()),
      commits.map((commit) => commit.message),
    ],
  );
}
