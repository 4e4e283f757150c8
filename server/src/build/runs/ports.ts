import type { DesiredEnvironment, ObservedReply } from '@slipway/protocol';
import type { Tx } from '../../platform/database.js';
import type { JobSkip } from '../pipelines/decide-run.js';
import type { CompiledPipeline, JobSpec, PipelineProblem } from '../pipelines/pipeline.js';

/** What starts a run. `pipeline` null: it can't be read; the run is made and shown as invalid, with the problems. */
export type NewRun = {
  projectId: string;
  repositoryId: string;
  /** What people know the ref by: the name of a branch or tag; of a pull request, of its source branch. */
  branch: string;
  /** refs/heads/…, refs/tags/… or refs/pull/<number>/merge; the branch's when left out. */
  ref?: string;
  commitSha: string;
  /** For pull requests the head that was merged into `commitSha`: statuses are told of it. */
  headSha?: string;
  pullRequestId?: string;
  /** False: the code of a fork. Its jobs get no secret, and deploy jobs are skipped. */
  trusted?: boolean;
  /** Made with some of the pipeline's jobs alone: it says nothing about the whole of its commit, to hosts and to branch rules. */
  partial?: boolean;
  trigger: RunTrigger;
  triggeredBy: string | null;
  /** Set for pushes: one run a push, however often it is asked for. */
  pushId: string | null;
  pipeline: CompiledPipeline | null;
  problems: PipelineProblem[];
  /** Jobs of the pipeline that this event does not need, and why; they are made as skipped. */
  skips?: JobSkip[];
  /** Called with the jobs inserted and before any of them may start, e.g. to tie a deployment to its deploy job. */
  beforeStart?: (tx: Tx, runId: string) => Promise<void>;
};

export type RunTrigger = 'push' | 'pull_request' | 'manual' | 'deploy' | 'rollback';

/** Makes a run and its jobs, and queues those that need nothing. Asked twice for one push, it answers the run that is there. */
export type StartRun = (tx: Tx, run: NewRun) => Promise<{ runId: string; number: number }>;

export type DeployJob = { id: string; runId: string; projectId: string; spec: JobSpec; environmentId: string | null };

/**
 * What runs ask of deployments. All calls are inside the caller's transaction, with the run's row locked.
 */
export interface DeployGate {
  /**
   * A deploy job's needs are met. Finds (or makes) its environment, makes release and deployment where they are not there yet, and says how to go on:
   * `queue` on the agent that hosts the environment · `wait` (another deployment holds it; `resumeWaiting` is called later) · `fail`.
   * May be repeated for the same job.
   */
  ready(
    tx: Tx,
    job: DeployJob,
  ): Promise<
    | { go: 'queue'; environmentId: string; agentId: string }
    | { go: 'wait'; environmentId: string; reason: string; message: string }
    | { go: 'fail'; reason: string; message: string }
  >;
  /**
   * A deploy job was made that tries another again, because somebody wants it now.
   * @throws DomainError when they may not deploy, or a newer release went there since: that would be a rollback
   */
  checkRetry(tx: Tx, job: DeployJob): Promise<void>;
  /** The agent accepts the job: what it is to bring about. Starts the deployment when it had not started. */
  work(tx: Tx, jobId: string): Promise<{ deploymentId: string; desired: DesiredEnvironment }>;
  /** The job is being cancelled. `done`: nothing was under way; `wait`: it is rolled back first and ends the job itself. */
  cancel(tx: Tx, jobId: string, reason: string): Promise<'done' | 'wait'>;
  /** How the job's deployment ended, or null while it goes on. Asked when an attempt ends or is lost. */
  verdict(tx: Tx, jobId: string): Promise<{ state: 'succeeded' | 'failed' | 'cancelled'; reason: string; message: string } | null>;
}

/** Answer to an agent's `observed` and `desired`, by deployments. */
export interface EnvironmentHost {
  desired(agentId: string, environmentId: string): Promise<ObservedReply>;
  observed(agentId: string, observed: unknown): Promise<ObservedReply>;
  /** Environments on an agent with their newest generation, for `hello` and `renew`. */
  generations(agentId: string): Promise<{ environmentId: string; generation: number }[]>;
}
