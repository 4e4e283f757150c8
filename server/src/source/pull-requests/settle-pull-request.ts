import { shorten } from '@slipway/protocol';
import { type Decision, needsChangedPaths } from '../../build/pipelines/decide-run.js';
import type { CompiledPipeline } from '../../build/pipelines/pipeline.js';
import { decideApart } from '../../build/pipelines/pipeline-thread.js';
import type { DeployGate, StartRun } from '../../build/runs/ports.js';
import type { Database, Tx } from '../../platform/database.js';
import { runGit } from '../../platform/git.js';
import type { CommitStatuses } from '../commit-statuses/ports.js';
import type { Mirrors } from '../mirrors/ports.js';
import { changedPaths } from '../repositories/commits/changed-paths.js';
import { storeNewCommits } from '../repositories/commits/commit-store.js';
import type { ReadPipeline } from '../repositories/pushes/decide-push.js';
import type { RepositoryStore } from '../repositories/repository-store.js';
import { buildMerge, decidedBefore, type ReadMerge } from './build-merge.js';
import { cancelSuperseded } from './cancel-superseded.js';
import { headRef, type Merge, makeMerge } from './make-merge.js';
import { conflictMessage, needsApproval } from './pull-request.js';
import { lockPullRequest, type PullRequestRow, readPullRequest } from './pull-request-rows.js';

const MAX_MESSAGE_CHARACTERS = 64 * 1024;

export type SettleDeps = {
  database: Database;
  store: Pick<RepositoryStore, 'folder'>;
  mirrors: Pick<Mirrors, 'fetchPullRequestHead'>;
  statuses: Pick<CommitStatuses, 'wantConflict'>;
  gate: DeployGate;
  startRun: StartRun;
  readPipeline: ReadPipeline;
};

/** A pull request as it was read, with the merge of just those two commits. */
type Merged = { row: PullRequestRow; baseSha: string; merge: Merge };

/**
 * Does what follows from the row: stops runs of earlier heads, merges head and base, and builds the merge, once. May be repeated at any time; if
 * something moves in the meantime, whoever moved it continues.
 * @returns the result, in a sentence for people
 * @throws DomainError when the head can't be fetched
 */
export async function settlePullRequest(deps: SettleDeps, id: string): Promise<string> {
  await cancelSuperseded(deps, id);
  const row = await readPullRequest(deps.database, id);
  if (row.state !== 'open') return `Pull request #${row.number} is ${row.state}.`;
  if (row.baseTip === null) return `Its base branch "${row.baseBranch}" is not here yet. Slipway merges once it is fetched.`;
  const merged = { row, baseSha: row.baseTip, merge: await mergeOf(deps, row, row.baseTip) };
  const read = await readMerged(deps, merged);
  return deps.database.transaction((tx) => settle(deps, tx, merged, read));
}

async function mergeOf({ store, mirrors, database }: SettleDeps, row: PullRequestRow, baseSha: string): Promise<Merge> {
  if (row.mergeState === 'clean' && row.baseSha === baseSha && row.mergeSha) return { state: 'clean', mergeSha: row.mergeSha };
  if (row.mergeState === 'conflict' && row.baseSha === baseSha) return { state: 'conflict', files: row.conflicts };
  const gitDir = store.folder(row.repositoryId);
  if (!(await isHead(gitDir, row))) await fetchHead(database, mirrors, row);
  const merge = await makeMerge(gitDir, { ...row, baseSha });
  if (merge.state === 'clean') await storeShown(database, row, gitDir, merge.mergeSha, baseSha);
  return merge;
}

async function isHead(gitDir: string, { number, headSha }: PullRequestRow): Promise<boolean> {
  const there = await runGit(['for-each-ref', '--format=%(objectname)', headRef(number)], { gitDir });
  return there.trim() === headSha;
}

async function fetchHead(database: Database, mirrors: SettleDeps['mirrors'], row: PullRequestRow): Promise<void> {
  const [source] = await database.query<{ sourceUrl: string | null }>('select source_url as "sourceUrl" from pull_requests where id = $1', [
    row.id,
  ]);
  const { number, headSha, sourceBranch } = row;
  await mirrors.fetchPullRequestHead(row.repositoryId, { number, headSha, sourceBranch, sourceUrl: source?.sourceUrl ?? null });
}

/** The two commits that pages name: the merge and the head. What else a stranger's history holds stays out of the tables. */
async function storeShown(database: Database, row: PullRequestRow, gitDir: string, mergeSha: string, baseSha: string): Promise<void> {
  const parents = (await runGit(['rev-list', '--no-walk', '--parents', row.headSha], { gitDir })).trim().split(' ').slice(1);
  await storeNewCommits(database, row.repositoryId, gitDir, { tips: [mergeSha], known: [baseSha, ...parents] });
}

async function messageOf(gitDir: string, sha: string): Promise<string> {
  return shorten(await runGit(['show', '-s', '--format=%B', sha], { gitDir }), MAX_MESSAGE_CHARACTERS).trim();
}

/** What to build, where it is to be built and that was not decided yet. */
async function readMerged({ store, readPipeline }: SettleDeps, { row, baseSha, merge }: Merged): Promise<ReadMerge | null> {
  if (merge.state !== 'clean' || row.decided || needsApproval(row)) return null;
  const gitDir = store.folder(row.repositoryId);
  const plan = await readPipeline(gitDir, merge.mergeSha);
  const decision = plan.pipeline ? await decide(gitDir, plan.pipeline, { row, baseSha, mergeSha: merge.mergeSha }) : EVERY_JOB;
  return { ...plan, decision };
}

/** A pipeline that can't be used is shown to whoever opened the pull request, as a run. */
const EVERY_JOB: Decision = { start: true, skips: [] };

type ToDecide = { row: PullRequestRow; baseSha: string; mergeSha: string };

async function decide(gitDir: string, pipeline: CompiledPipeline, { row, baseSha, mergeSha }: ToDecide): Promise<Decision> {
  const message = await messageOf(gitDir, row.headSha);
  const changed = needsChangedPaths(pipeline, 'pull_request') ? await changedPaths(gitDir, baseSha, mergeSha) : null;
  return decideApart(pipeline, { kind: 'pull_request', baseBranch: row.baseBranch, message, changedPaths: changed });
}

async function settle(deps: SettleDeps, tx: Tx, merged: Merged, read: ReadMerge | null): Promise<string> {
  const now = await lockPullRequest(tx, merged.row.id);
  if (!isSame(now, merged.row)) return 'It has changed in the meantime; the newer state counts.';
  await storeMerge(tx, merged);
  if (merged.merge.state === 'conflict') {
    if (!now.decided) await deps.statuses.wantConflict(tx, { ...now, message: conflictMessage(merged.merge.files) });
    return conflictMessage(merged.merge.files);
  }
  if (now.decided) return decidedBefore(tx, now);
  if (!read || needsApproval(now))
    return `It comes from a fork: somebody has to approve commit ${shorten(now.headSha, 10)} before anything runs.`;
  return buildMerge(deps.startRun, tx, now, merged.merge.mergeSha, read);
}

const isSame = (a: PullRequestRow, b: PullRequestRow): boolean =>
  a.state === b.state && a.headSha === b.headSha && a.baseBranch === b.baseBranch && a.baseTip === b.baseTip && a.isFork === b.isFork;

async function storeMerge(tx: Tx, { row, baseSha, merge }: Merged): Promise<void> {
  await tx.query('update pull_requests set base_sha = $2, merge_sha = $3, merge_state = $4, conflicts = $5 where id = $1', [
    row.id,
    baseSha,
    merge.state === 'clean' ? merge.mergeSha : null,
    merge.state,
    merge.state === 'conflict' ? merge.files : [],
  ]);
  tx.changed('repository', row.repositoryId);
}
