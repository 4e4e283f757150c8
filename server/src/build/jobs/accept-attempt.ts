import { createHash, randomBytes } from 'node:crypto';
import { Accept, type ArtifactRef, deploys, type Work } from '@slipway/protocol';
import type { Database, Tx } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';
import type { DeployGate } from '../runs/ports.js';
import { type JobRow, lockJob, moveJob } from './job-rows.js';

export const LEASE_MS = 15_000;
const LOG_LIMITS = { maxLineBytes: 64 * 1024, maxBytes: 1024 * 1024 * 1024 };
/** The agent's own limits apply. */
const NO_LIMITS = { cpuCores: null, memoryMib: null, processes: null };

export type RunTrust = { repositoryId: string; ref: string; trusted: boolean; pullRequestId: string | null };

export type AcceptDeps = {
  database: Database;
  gate: DeployGate;
  /** Values of the named secrets of a project, those of no environment. */
  secretsFor(tx: Tx, projectId: string, environmentId: string | null, names: string[]): Promise<Record<string, string>>;
  /**
   * Which earlier checkouts of the repository the job may begin with, and who may begin with its own: those of the same class.
   * null: none, and nobody.
   */
  trustClassOf(tx: Tx, run: RunTrust): Promise<string | null>;
  /** Makes the log of an attempt; tailing begins with the commit. */
  openLog(tx: Tx, attemptId: string, agentId: string): Promise<void>;
  /** @throws DomainError for what is too large to be sent to an agent */
  mustFit(work: Work): void;
};

export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest();

/**
 * The agent accepts the work that it was offered. If the agent that holds the attempt asks again because the answer was lost, it gets the same work
 * with a new token. Any other agent, a late one, or a process of the agent that has a successor is refused.
 */
export async function acceptAttempt(deps: AcceptDeps, agentId: string, payload: unknown): Promise<Work> {
  const { attempt, process } = Accept.parse(payload);
  return deps.database.transaction(async (tx) => {
    const job = await lockJobOfAttempt(tx, attempt, agentId);
    const token = randomBytes(32).toString('base64url');
    const [held] = await tx.query<{ number: string; key: Buffer; fresh: boolean }>(
      `update attempts a set state = 'running', token_hash = $3, accepted_at = coalesce(a.accepted_at, clock_timestamp()),
         process_id = coalesce(a.process_id, $4), lease_until = clock_timestamp() + interval '${LEASE_MS} ms'
       from (select id, state as before from attempts where id = $1) old
       where a.id = old.id and a.agent_id = $2 and (a.process_id is null or a.process_id = $4) and a.state <> 'ended'
       returning a.number, a.key, old.before = 'offered' as fresh`,
      [attempt, agentId, hashToken(token), process ?? null],
    );
    if (!job || !held) throw await whyRefused(tx, attempt, agentId);
    if (held.fresh) await begin(deps, tx, job, attempt, agentId);
    const work = await workOf(deps, tx, job, { attempt, number: Number(held.number), key: held.key.toString('base64'), token });
    deps.mustFit(work);
    return work;
  });
}

async function lockJobOfAttempt(tx: Tx, attempt: string, agentId: string): Promise<JobRow | undefined> {
  const [row] = await tx.query<{ job_id: string }>('select job_id from attempts where id = $1 and agent_id = $2', [attempt, agentId]);
  return row ? lockJob(tx, row.job_id) : undefined;
}

/** One that the agent has, and can't accept, is for another process of it. */
async function whyRefused(tx: Tx, attempt: string, agentId: string): Promise<DomainError> {
  const [alive] = await tx.query(`select 1 from attempts where id = $1 and agent_id = $2 and state <> 'ended'`, [attempt, agentId]);
  return alive
    ? new DomainError(
        'conflict',
        'process_replaced',
        `Attempt ${attempt} was offered to another process of this agent, which said hello after this one. Say hello again if that process is gone.`,
      )
    : new DomainError(
        'conflict',
        'attempt_not_yours',
        `Attempt ${attempt} is not offered to this agent, or no longer. Drop it and pull the next one.`,
      );
}

async function begin(deps: AcceptDeps, tx: Tx, job: JobRow, attempt: string, agentId: string): Promise<void> {
  await moveJob(tx, job, 'accept', undefined, { agentId });
  await deps.openLog(tx, attempt, agentId);
  await tx.query(
    `update runs set state = 'running', started_at = coalesce(started_at, clock_timestamp()) where id = $1 and state = 'pending'`,
    [job.runId],
  );
  tx.changed('run', job.runId);
  tx.changed('agent', agentId);
}

type Held = { attempt: string; number: number; key: string; token: string };
type Place = {
  project: string;
  repository: string;
  repositoryId: string;
  branch: string;
  ref: string;
  sha: string;
  runNumber: number;
  trusted: boolean;
  pullRequestId: string | null;
  journalOffset: string;
  remoteUrl: string | null;
  defaultBranch: string | null;
};

async function workOf(deps: AcceptDeps, tx: Tx, job: JobRow, held: Held): Promise<Work> {
  const place = await placeOf(tx, job);
  if (deploys(job) && !place.trusted) throw untrustedDeploy(job);
  const { spec } = job;
  return {
    ...held,
    kind: job.kind,
    jobId: job.id,
    jobName: job.name,
    runId: job.runId,
    runNumber: place.runNumber,
    project: place.project,
    timeoutMs: job.timeoutMs,
    checkout: deploys(job)
      ? null
      : {
          path: `/git/${place.project}/${place.repository}.git`,
          repositoryId: place.repositoryId,
          sha: place.sha,
          ref: place.ref,
          trustClass: await deps.trustClassOf(tx, place),
          // Each change of a ref goes through the journal.
          refs: place.journalOffset,
          remoteUrl: place.remoteUrl,
          defaultBranch: place.defaultBranch,
        },
    needs: deploys(job) ? [] : await neededArtifacts(tx, job),
    env: { ...standardEnv(place, job), ...spec.env },
    // Code from a fork gets no secrets, whatever its pipeline names.
    secrets: deploys(job) || !place.trusted ? {} : await deps.secretsFor(tx, job.projectId, null, spec.secrets),
    steps: spec.steps,
    artifacts: spec.artifacts,
    reports: spec.reports,
    limits: spec.limits ?? NO_LIMITS,
    log: LOG_LIMITS,
    deploy: deploys(job) ? await deps.gate.work(tx, job.id) : null,
  };
}

/** Such a job is skipped when its run is made; what an application is given must not depend on that alone. */
const untrustedDeploy = (job: JobRow) =>
  new DomainError(
    'forbidden',
    'untrusted_deploy',
    `The run of "${job.name}" is for code from a fork, which is not deployed. Drop the attempt.`,
  );

async function placeOf(tx: Tx, job: JobRow): Promise<Place> {
  const [place] = await tx.query<Place>(
    `select p.name as project, r.name as repository, r.id as "repositoryId", u.branch, coalesce(u.ref, 'refs/heads/' || u.branch) as ref,
       u.commit_sha as sha, u.number as "runNumber", u.trusted,
       u.pull_request_id as "pullRequestId", r.journal_offset as "journalOffset", m.url as "remoteUrl", r.default_branch as "defaultBranch"
     from runs u join repositories r on r.id = u.repository_id left join mirrors m on m.repository_id = r.id join projects p on p.id = u.project_id where u.id = $1`,
    [job.runId],
  );
  if (!place) throw new Error(`Run ${job.runId} is gone.`);
  return place;
}

function standardEnv(place: Place, job: JobRow): Record<string, string> {
  return {
    SLIPWAY_PROJECT: place.project,
    SLIPWAY_REPOSITORY: place.repository,
    SLIPWAY_BRANCH: place.branch,
    SLIPWAY_REF: place.ref,
    SLIPWAY_COMMIT: place.sha,
    SLIPWAY_RUN: String(place.runNumber),
    SLIPWAY_JOB: job.name,
  };
}

/** Artifacts of the jobs that this one needs, as their newest rows made them. */
function neededArtifacts(tx: Tx, job: JobRow): Promise<ArtifactRef[]> {
  return tx.query<ArtifactRef>(
    `select a.name, a.digest, a.size::float8 as size from artifacts a join jobs j on j.id = a.job_id
     where j.run_id = $1 and j.is_current and j.name = any($2) and a.deleted_at is null
       and a.attempt_id = (select id from attempts t where t.job_id = j.id order by number desc limit 1)
     order by j.position, a.name`,
    [job.runId, job.needs],
  );
}

/** The attempt that this token belongs to, while its lease is held; null for any other token. */
export async function jobByToken(database: Database, token: string) {
  const [row] = await database.query<{
    attemptId: string;
    jobId: string;
    runId: string;
    projectId: string;
    repositoryId: string;
    agentId: string;
  }>(
    `select a.id as "attemptId", j.id as "jobId", j.run_id as "runId", j.project_id as "projectId", u.repository_id as "repositoryId", a.agent_id as "agentId"
     from attempts a join jobs j on j.id = a.job_id join runs u on u.id = j.run_id
     where a.token_hash = $1 and a.state = 'running'`,
    [hashToken(token)],
  );
  return row ?? null;
}
