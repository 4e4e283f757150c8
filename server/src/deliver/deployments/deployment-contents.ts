import type { Database } from '../../platform/database.js';
import { findRelease } from '../releases/release.queries.js';
import { type CommitsBetween, type ReleaseCommits, releaseCommits } from './release-commits.js';

type Brought = { releaseId: string; previousReleaseId: string | null; startedAt: Date | null };

/** The commits in a deployment. null: it has not begun, so its starting point is not known. */
export async function deploymentContents(
  { database, commitsBetween }: { database: Database; commitsBetween: CommitsBetween },
  { releaseId, previousReleaseId, startedAt }: Brought,
): Promise<ReleaseCommits | null> {
  const release = startedAt === null ? undefined : await findRelease(database, releaseId);
  if (!release) return null;
  const before = previousReleaseId === null ? undefined : await findRelease(database, previousReleaseId);
  return releaseCommits(commitsBetween, before, release);
}
