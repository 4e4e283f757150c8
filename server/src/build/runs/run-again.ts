import { deploys } from '@slipway/protocol';
import type { Database, Tx } from '../../platform/database.js';
import { DomainError, notFound } from '../../platform/errors.js';
import { FILTERED, type JobSkip } from '../pipelines/decide-run.js';
import type { CompiledPipeline } from '../pipelines/pipeline.js';
import type { RunTrigger, StartRun } from './ports.js';
import { isRunOver, type RunState } from './run-state.js';

type OldRun = {
  number: number;
  state: RunState;
  trigger: RunTrigger;
  projectId: string;
  repositoryId: string;
  branch: string;
  ref: string | null;
  commitSha: string;
  headSha: string | null;
  pullRequestId: string | null;
  trusted: boolean;
  partial: boolean;
  pipeline: CompiledPipeline | null;
  /** Of its branch or tag, by now; null: a pull request, or one that is gone. */
  refHead: string | null;
};

/**
 * Repeats a finished run: the same commit and pipeline, the same jobs left out, as a new run that `userId` requested. It gets no more rights than the
 * old one had. If its branch or tag no longer points at the commit, it deploys nothing: that would bring old code back without being called a
 * rollback.
 *
 * @returns id of the new run
 */
export function runAgain(deps: { database: Database; startRun: StartRun }, runId: string, userId: string): Promise<string> {
  return deps.database.transaction(async (tx) => {
    const old = await oldRun(tx, runId);
    const pipeline = repeatable(old);
    const { projectId, repositoryId, branch, ref, commitSha, headSha, pullRequestId, trusted, partial } = old;
    const again = await deps.startRun(tx, {
      projectId,
      repositoryId,
      branch,
      commitSha,
      trusted,
      partial,
      ...(ref && { ref }),
      ...(headSha && { headSha }),
      ...(pullRequestId && { pullRequestId }),
      trigger: old.trigger === 'pull_request' ? 'pull_request' : 'manual',
      triggeredBy: userId,
      pushId: null,
      pipeline,
      problems: [],
      skips: [...(await filtered(tx, runId)), ...leftBehind(old, pipeline)],
    });
    return again.runId;
  });
}

async function oldRun(tx: Tx, runId: string): Promise<OldRun> {
  const [run] = await tx.query<OldRun>(
    `select u.number, u.state, u.trigger, u.project_id as "projectId", u.repository_id as "repositoryId", u.branch, u.ref, u.commit_sha as "commitSha",
       u.head_sha as "headSha", u.pull_request_id as "pullRequestId", u.trusted, u.partial, u.pipeline, coalesce(b.head_sha, t.sha) as "refHead"
     from runs u left join branches b on b.repository_id = u.repository_id and coalesce(u.ref, 'refs/heads/' || u.branch) = 'refs/heads/' || b.name
       left join tags t on t.repository_id = u.repository_id and u.ref = 'refs/tags/' || t.name
     where u.id = $1`,
    [runId],
  );
  if (!run) throw notFound('run', runId);
  return run;
}

function repeatable({ number, state, trigger, pipeline }: OldRun): CompiledPipeline {
  if (!isRunOver(state))
    throw new DomainError(
      'conflict',
      'run_not_over',
      `Run #${number} is ${state}; only a run that is over can be run again. Cancel it first.`,
    );
  if (trigger === 'deploy' || trigger === 'rollback')
    throw new DomainError(
      'conflict',
      'run_of_deployment',
      `Run #${number} is a ${trigger} of a release. Deploy the release from its environment instead.`,
    );
  if (!pipeline)
    throw new DomainError(
      'conflict',
      'pipeline_invalid',
      `The pipeline of run #${number} can't be read, and running it again would not change that. Fix it and push.`,
    );
  return pipeline;
}

const filtered = (tx: Tx, runId: string): Promise<JobSkip[]> =>
  tx.query<JobSkip>(`select name, reason, message from jobs where run_id = $1 and is_current and state = 'skipped' and reason = $2`, [
    runId,
    FILTERED,
  ]);

function leftBehind({ ref, branch, refHead, commitSha }: OldRun, { jobs }: CompiledPipeline): JobSkip[] {
  if (refHead === commitSha) return [];
  const kind = ref?.startsWith('refs/tags/') ? 'tag' : 'branch';
  const message = `${refHead ? `"${branch}" has moved on since this commit` : `There is no ${kind} "${branch}" any more`}, so running it again deploys nothing. To deploy its release anyway, use the environment's page.`;
  return jobs.filter((job) => deploys(job)).map(({ name }) => ({ name, reason: 'left_behind', message }));
}
