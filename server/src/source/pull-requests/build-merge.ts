import type { Decision } from '../../build/pipelines/decide-run.js';
import type { CompiledPipeline, PipelineProblem } from '../../build/pipelines/pipeline.js';
import type { StartRun } from '../../build/runs/ports.js';
import type { Tx } from '../../platform/database.js';
import type { PullRequestRow } from './pull-request-rows.js';

/** What a merge holds, and whether it starts a run. */
export type ReadMerge = { pipeline: CompiledPipeline | null; problems: PipelineProblem[]; decision: Decision };

/**
 * Starts the run of a merge, or records why there is none. The caller has locked the pull request and has checked that nothing was decided yet.
 * @returns what was decided, in a sentence for people
 */
export async function buildMerge(startRun: StartRun, tx: Tx, row: PullRequestRow, mergeSha: string, read: ReadMerge): Promise<string> {
  const { pipeline, problems, decision } = read;
  if (row.isImported && !row.isFork) return decideNone(tx, row, 'imported', IMPORTED);
  if (!decision.start) return decideNone(tx, row, decision.code, decision.message);
  const { runId, number } = await startRun(tx, {
    projectId: row.projectId,
    repositoryId: row.repositoryId,
    branch: row.sourceBranch,
    ref: `refs/pull/${row.number}/merge`,
    commitSha: mergeSha,
    headSha: row.headSha,
    pullRequestId: row.id,
    trusted: !row.isFork,
    trigger: 'pull_request',
    triggeredBy: null,
    pushId: null,
    pipeline,
    problems,
    skips: decision.skips,
  });
  await recordDecision(tx, row, { runId, code: null, message: null });
  return `Run #${number} was started for its merge into "${row.baseBranch}".`;
}

/** Hundreds may have been open for years; those of forks run when they are approved. */
const IMPORTED = 'It was already open when the repository was added. Its next commit starts a run.';

async function decideNone(tx: Tx, row: PullRequestRow, code: string, message: string): Promise<string> {
  await recordDecision(tx, row, { runId: null, code, message });
  return `No run: ${message}`;
}

type Decided = { runId: string | null; code: string | null; message: string | null };

async function recordDecision(tx: Tx, row: PullRequestRow, { runId, code, message }: Decided): Promise<void> {
  await tx.query(
    `insert into pull_request_builds (pull_request_id, head_sha, base_branch, run_id, no_run_code, no_run_message) values ($1, $2, $3, $4, $5, $6)`,
    [row.id, row.headSha, row.baseBranch, runId, code, message],
  );
}

export async function decidedBefore(tx: Tx, row: PullRequestRow): Promise<string> {
  const [before] = await tx.query<{ number: number | null; message: string | null }>(
    `select r.number, d.no_run_message as message from pull_request_builds d left join runs r on r.id = d.run_id
     where d.pull_request_id = $1 and d.head_sha = $2 and d.base_branch = $3`,
    [row.id, row.headSha, row.baseBranch],
  );
  if (before?.message) return `No run: ${before.message}`;
  return before?.number ? `This commit already has run #${before.number}.` : 'This commit was built before.';
}
