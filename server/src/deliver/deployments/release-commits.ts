import type { ReleaseRow } from '../releases/release.js';

/** Commits that `to` reaches and `from` does not, newest first, at most `limit`; empty when either is not in the repository. */
export type CommitsBetween = (repositoryId: string, from: string, to: string, limit: number) => Promise<string[]>;

export type Direction = 'first' | 'same' | 'forward' | 'backward' | 'diverged';

/** The commits that going from one release to another deploys (`forward`, `diverged`) or removes (`backward`). */
export type ReleaseCommits = { repositoryId: string; shas: string[]; commitsTruncated: boolean; direction: Direction };

const MOST_COMMITS = 50;

/** @param from what serves, or served before; undefined: nothing */
export async function releaseCommits(between: CommitsBetween, from: ReleaseRow | undefined, to: ReleaseRow): Promise<ReleaseCommits> {
  const { shas, direction } = await commitsOf(between, from, to);
  return {
    repositoryId: to.repositoryId,
    shas: shas.slice(0, MOST_COMMITS),
    commitsTruncated: shas.length > MOST_COMMITS,
    direction,
  };
}

async function commitsOf(
  between: CommitsBetween,
  current: ReleaseRow | undefined,
  release: ReleaseRow,
): Promise<{ shas: string[]; direction: Direction }> {
  if (!current) return { shas: [release.commitSha], direction: 'first' };
  if (current.commitSha === release.commitSha) return { shas: [], direction: 'same' };
  if (current.repositoryId !== release.repositoryId) return { shas: [release.commitSha], direction: 'diverged' };
  const out = await between(release.repositoryId, current.commitSha, release.commitSha, MOST_COMMITS + 1);
  const back = await between(release.repositoryId, release.commitSha, current.commitSha, MOST_COMMITS + 1);
  if (out.length === 0) return { shas: back, direction: 'backward' };
  return { shas: out, direction: back.length === 0 ? 'forward' : 'diverged' };
}
