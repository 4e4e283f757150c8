import type { DesiredEnvironment, ObservedReply } from '@slipway/protocol';
import type { Tx } from '../../platform/database.js';
import type { JobSkip } from '../pipelines/decide-run.js';
import type { CompiledPipeline, JobSpec, PipelineProblem } from '../pipelines/pipeline.js';

/** What starts a run. `pipeline` null: it can't be read; the run is created and shown as invalid, with the problems. */
export type NewRun = {
  projectId: string;
  repositoryId: string;
  /** The name by which people know the ref: that of the branch or tag; for a pull request, that of its source branch. */
  branch: string;
  /** refs/heads/…, refs/tags/… or refs/pull/<number>/merge; the branch's when left out. */
  ref?: string;
  commitSha: string;
  /** For pull requests, the head that was merged into `commitSha`; statuses are reported for it. */
  headSha?: string;
  pullRequestId?: string;
  /** False: the code comes from a fork. Its jobs get no secrets, and deploy jobs are skipped. */
  trusted?: boolean;
  /** It has only some of the pipeline's jobs, so it says nothing about its commit as a whole to hosts and branch rules. */
  partial?: boolean;
  trigger: RunTrigger;
  triggeredBy: string | null;
  /** Set for pushes: each push has one run, however often it is requested. */
  pushId: string | null;
  pipeline: CompiledPipeline | null;
  problems: PipelineProblem[];
  /** Jobs of the pipeline that this event does not need, and why; they are created as skipped. */
  skips?: JobSkip[];
  /** Called with the jobs inserted and before any of them may start, e.g. to tie a deployment to its deploy job. */
  beforeStart?: (tx: Tx, runId: string) => Promise<void>;
};

export type RunTrigger = 'push' | 'pull_request' | 'manual' | 'deploy' | 'rollback';

/** Creates a run and its jobs, and queues those that need nothing. A second call for the same push returns the existing run. */
export type StartRun = (tx: Tx, run: NewRun) => Promise<{ runId: string; number: number }>;

export type DeployJob = { id: string; runId: string; projectId: string; spec: JobSpec; environmentId: string | null };

/** What runs need from deployments. All calls are inside the caller's transaction, with the row of the run locked. */
export interface DeployGate {
  /**
   * The needs of a deploy job are met. Finds (or creates) its environment, creates release and deployment if they do not exist yet, and says how to
   * continue: `queue` on the agent that hosts the environment · `wait` (another deployment holds it; `resumeWaiting` is called later) · `fail`. May
   * be repeated for the same job.
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
   * A deploy job was created that retries another, because somebody wants it now.
   * @throws DomainError when they may not deploy, or a newer release was deployed there since: that would be a rollback
   */
  checkRetry(tx: Tx, job: DeployJob): Promise<void>;
  /** The agent accepts the job: returns the state that it has to apply. Starts the deployment if it has not started. */
  work(tx: Tx, jobId: string): Promise<{ deploymentId: string; desired: DesiredEnvironment }>;
  /** The job is being cancelled. `done`: nothing was under way; `wait`: it is rolled back first and ends the job itself. */
  cancel(tx: Tx, jobId: string, reason: string): Promise<'done' | 'wait'>;
  /** How the job's deployment ended, or null while it goes on. Asked when an attempt ends or is lost. */
  verdict(tx: Tx, jobId: string): Promise<{ state: 'succeeded' | 'failed' | 'cancelled'; reason: string; message: string } | null>;
}

/** How deployments answer `observed` and `desired` of an agent. */
export interface EnvironmentHost {
  desired(agentId: string, environmentId: string): Promise<ObservedReply>;
  observed(agentId: string, observed: unknown): Promise<ObservedReply>;
  /** Environments on an agent with their newest generation, for `hello` and `renew`. */
  generations(agentId: string): Promise<{ environmentId: string; generation: number }[]>;
}
