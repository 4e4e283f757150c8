import { type JobSkip, needsChangedPaths, noRunFor } from '../../../build/pipelines/decide-run.js';
import type { CompiledPipeline, PipelineProblem } from '../../../build/pipelines/pipeline.js';
import { decideApart } from '../../../build/pipelines/pipeline-thread.js';
import type { ChangedPaths } from '../../../build/pipelines/run-event.js';
import type { Database } from '../../../platform/database.js';
import { changedPaths, mergeBase } from '../commits/changed-paths.js';
import { isGone, type NoRunReason } from './push-rows.js';
import { branchOf, isZero, type RefUpdate } from './receive-journal.js';

export type Plan = { pipeline: CompiledPipeline | null; problems: PipelineProblem[] };
export type ReadPipeline = (gitDir: string, sha: string) => Promise<Plan>;

export type PushedRepository = { id: string; projectId: string; gitDir: string };

/** A run of `plan` but for `skips`, or why there is none. */
export type PushDecision = { plan: Plan; skips: JobSkip[] } | { noRun: NoRunReason };

export type DecidePushDeps = { db: Database; readPipeline: ReadPipeline };

/**
 * Whether an update of a ref starts a run.
 * @param commit what the ref names now, already stored; null: no commit
 */
export async function decidePush(
  { db, readPipeline }: DecidePushDeps,
  repository: PushedRepository,
  update: RefUpdate,
  commit: string | null,
): Promise<PushDecision> {
  const isBranch = branchOf(update.ref) !== null;
  if (isGone(update)) return none('deleted', `The ${isBranch ? 'branch' : 'tag'} was deleted.`);
  if (update.skip) return none('skip_option', 'It was pushed with "-o ci.skip".');
  if (commit === null) return none('not_a_commit', 'The tag points at a file or a folder, but only commits can be run.');
  const message = await messageOf(db, repository.id, commit);
  const marked = noRunFor(message);
  if (marked) return none(marked.code, marked.message);
  const plan = await readPipeline(repository.gitDir, commit);
  // A branch gets a run that shows what is wrong with its pipeline; a tag, perhaps of a years-old commit, can't be fixed.
  if (!plan.pipeline) return isBranch ? { plan, skips: [] } : unreadable(plan);
  const looks = isBranch && needsChangedPaths(plan.pipeline, 'push');
  const changed = looks ? await changedBy(db, repository, update) : null;
  const decision = await decideApart(plan.pipeline, { kind: 'push', ref: update.ref, message, changedPaths: changed });
  return decision.start ? { plan, skips: decision.skips } : none(decision.code, decision.message);
}

export function unreadable({ problems: [problem] }: Plan): PushDecision {
  return none('pipeline_unreadable', `The pipeline can't be used: ${problem?.message ?? 'it is missing.'}`);
}

async function messageOf(db: Database, repositoryId: string, sha: string): Promise<string> {
  const [row] = await db.query<{ message: string }>('select message from commits where repository_id = $1 and sha = $2', [
    repositoryId,
    sha,
  ]);
  return row?.message ?? '';
}

/** Of a new branch, what it changes against the default one; of a forced push, what is different now. */
async function changedBy(db: Database, { id, gitDir }: PushedRepository, { ref, oldSha, newSha }: RefUpdate): Promise<ChangedPaths> {
  if (!isZero(oldSha)) return changedPaths(gitDir, oldSha, newSha);
  const [main] = await db.query<{ sha: string }>(
    `select b.head_sha as sha from branches b join repositories r on r.id = b.repository_id and r.default_branch = b.name
     where r.id = $1 and b.name <> $2`,
    [id, branchOf(ref) ?? ''],
  );
  const base = main ? await mergeBase(gitDir, main.sha, newSha) : null;
  return base === null ? null : changedPaths(gitDir, base, newSha);
}

const none = (code: string, message: string): PushDecision => ({ noRun: { code, message } });
