import { randomBytes } from 'node:crypto';
import { macOf, type Outcome, subjects, type Work } from '@slipway/protocol';
import { acceptAttempt } from '../../../build/jobs/accept-attempt.js';
import { assignJobs } from '../../../build/jobs/assign-jobs.js';
import { reportAttempt } from '../../../build/jobs/report-attempt.js';
import type { AppSpec, Strategy } from '../../../build/pipelines/pipeline.js';
import type { NewRun, RunTrigger } from '../../../build/runs/ports.js';
import { progressRun } from '../../../build/runs/progress-run.js';
import { createStartRun } from '../../../build/runs/start-run.js';
import type { Database } from '../../../platform/database.js';
import { OneByOne } from '../../../platform/dead-letters.js';
import { newId } from '../../../platform/ids.js';
import { trustClassOf } from '../../../source/branches/rules/trust-class.js';
import { aJobSpec, anAgent, aPipeline, aRepository, aRun } from '../../../testing/builders.js';
import { testDatabase } from '../../../testing/database.js';
import { silent } from '../../../testing/graphql.js';
import { SecretCipher } from '../../secrets/secret-cipher.js';
import { SecretStore } from '../../secrets/secret-store.js';
import { DeploymentGate } from '../deploy-gate.js';
import { createDeployJobs } from '../deploy-jobs.js';
import type { DeploymentView } from '../deployment.queries.js';
import { DeploymentHost } from '../environment-host.js';
import { tickDeployments } from '../tick-deployments.js';
import { anApp } from './builders.js';
import { FakeTarget } from './fake-target.js';

export type Push = {
  /** User id, left out an administrator's; null: nobody that Slipway knows, as with a push at a code host. */
  triggeredBy?: string | null;
  trigger?: RunTrigger;
  pushId?: string | null;
  sha?: string;
  branch?: string;
  /** Left out: the branch's. */
  ref?: string;
  app?: Partial<AppSpec>;
  strategy?: Strategy;
  environment?: string;
  artifact?: boolean;
  /** Left out: the only one. */
  repositoryId?: string;
  /** What happens while the run builds. */
  meanwhile?: () => Promise<unknown>;
};

/** Real Postgres, the real use cases of runs, jobs and deployments; only the machine at the end is a fake. */
export async function aWorld(wake: () => void = () => undefined) {
  const database = await testDatabase();
  const secrets = new SecretStore(database, new SecretCipher(randomBytes(32)));
  const deps = { database, secrets, warmMs: 600_000, wake, ports: { first: 20_000, last: 24_999 }, artifactToken: () => 'token' };
  const gate = new DeploymentGate(deps);
  const host = new DeploymentHost(deps);
  const jobs = createDeployJobs(() => gate);
  const startRun = createStartRun(() => gate);
  const at = { userId: '', projectId: '', repositoryId: '' };

  /** An empty installation but for one user, project and repository. */
  async function reset(): Promise<void> {
    await database.query('truncate users, agents, outbox, environments, history cascade');
    Object.assign(at, await aRepository(database));
  }

  async function take(agentId: string): Promise<Work | undefined> {
    await assignJobs(database);
    const [offer] = await database.query<{ id: string; process: string | null }>(
      `select id, process_id as process from attempts where agent_id = $1 and state = 'offered' order by number`,
      [agentId],
    );
    return (
      offer &&
      acceptAttempt(
        { database, gate, secretsFor: async () => ({}), trustClassOf, openLog: async () => undefined, mustFit: () => undefined },
        agentId,
        {
          attempt: offer.id,
          process: offer.process ?? undefined,
        },
      )
    );
  }

  function finish(agentId: string, work: Work, outcome: Outcome) {
    const mac = macOf(Buffer.from(work.key, 'base64'), subjects.request(agentId, 'report'), work.number, 0);
    const event = { kind: 'finished', outcome, lastChunk: 0, lines: 1 } as const;
    return reportAttempt({ database, gate, audit: () => undefined }, agentId, {
      attempt: work.attempt,
      number: work.number,
      n: 0,
      mac,
      event,
    });
  }

  /** The build of a run is done, and what needs it is asked for. */
  async function built(runId: string, artifact = true): Promise<void> {
    await buildIs(database, runId, at.projectId, artifact);
    await database.transaction(async (tx) => {
      await tx.query('select id from runs where id = $1 for update', [runId]);
      await progressRun(tx, runId, gate);
    });
  }

  /** A run whose build is done and whose deploy job is asked for. */
  async function push({
    sha = randomBytes(20).toString('hex'),
    branch = 'main',
    ref = `refs/heads/${branch}`,
    app,
    strategy = 'blue-green',
    environment = 'staging',
    artifact = true,
    triggeredBy = at.userId,
    trigger = 'push',
    pushId = null,
    repositoryId = at.repositoryId,
    meanwhile,
  }: Push = {}) {
    const deploy = aJobSpec({
      name: 'deploy',
      kind: 'deploy',
      needs: ['build'],
      steps: [],
      deploy: { environment, strategy, app: anApp(app) },
    });
    const run: NewRun = aRun({ ...at, repositoryId }, aPipeline(aJobSpec(), deploy), {
      commitSha: sha,
      branch,
      ref,
      triggeredBy,
      trigger,
      pushId,
    });
    const { runId } = await database.transaction((tx) => startRun(tx, run));
    await meanwhile?.();
    await built(runId, artifact);
    const [job] = await database.query<{ id: string }>(`select id from jobs where run_id = $1 and name = 'deploy'`, [runId]);
    return { runId, jobId: job?.id ?? '', version: sha.slice(0, 7) };
  }

  /** Everything that a healthy deploy agent does for the job it is offered next. */
  async function deployNext(target: FakeTarget): Promise<Work> {
    const work = await take(target.agentId);
    if (!work?.deploy) throw new Error('No deploy job is offered to this agent.');
    target.apply(work.deploy.desired);
    const { deployment } = await target.settle();
    if (deployment?.verdict)
      await finish(target.agentId, work, deployment.verdict === 'succeeded' ? { kind: 'passed' } : failed(deployment.message));
    return work;
  }

  const work = new OneByOne({ database, log: silent });
  return {
    ...deps,
    at,
    reset,
    gate,
    host,
    jobs,
    startRun,
    push,
    built,
    take,
    finish,
    deployNext,
    tick: () => tickDeployments({ ...deps, jobs }, work),
    anAgent: async () => new FakeTarget(host, await anAgent(database)),
    job: async (id: string) =>
      (
        await database.query<{ state: string; reason: string | null; message: string | null }>(
          'select state, reason, message from jobs where id = $1',
          [id],
        )
      )[0],
    deploymentOf: async (jobId: string) =>
      (
        await database.query<DeploymentView & { message: string }>('select * from deployments where job_id = $1', [jobId])
      )[0] as DeploymentView & { message: string },
    environment: async (name = 'staging') => {
      const [row] = await database.query<{
        id: string;
        state: string;
        generation: number;
        current_release_id: string;
        warm_release_id: string | null;
        agent_id: string;
        port: number;
      }>(`select * from environments where name = $1 order by created_at desc limit 1`, [name]);
      if (!row) throw new Error(`There is no environment ${name}.`);
      return row;
    },
    close: () => database.close(),
  };
}

const failed = (message: string | null): Outcome => ({
  kind: 'failed',
  reason: 'deployment',
  message: message ?? '',
  step: null,
  exitCode: null,
});

async function buildIs(database: Database, runId: string, projectId: string, artifact: boolean): Promise<void> {
  const [build] = await database.query<{ id: string }>(
    `update jobs set state = 'succeeded' where run_id = $1 and name = 'build' and is_current returning id`,
    [runId],
  );
  const [agent] = await database.query<{ id: string }>('select id from agents limit 1');
  if (!artifact || !build) return;
  const agentId = agent?.id ?? (await anAgent(database, { slots: 0, roles: ['build'] }));
  const attemptId = newId();
  await database.query(
    `insert into attempts (id, job_id, agent_id, state, key, token_hash, lease_until) values ($1, $2, $3, 'ended', '', '', now())`,
    [attemptId, build.id, agentId],
  );
  await database.query(
    `insert into artifacts (id, project_id, run_id, job_id, attempt_id, name, digest, size) values ($1, $2, $3, $4, $5, 'site', $6, 1000)`,
    [newId(), projectId, runId, build.id, attemptId, randomBytes(32).toString('hex')],
  );
}
