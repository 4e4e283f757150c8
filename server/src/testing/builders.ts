import { EVERY_BRANCH, EVERYTHING } from '../build/pipelines/event-filter.js';
import type { CompiledPipeline, JobSpec } from '../build/pipelines/pipeline.js';
import type { DeployGate, NewRun } from '../build/runs/ports.js';
import type { Database } from '../platform/database.js';
import { newId } from '../platform/ids.js';

export const aJobSpec = (over: Partial<JobSpec> = {}): JobSpec => ({
  name: 'build',
  kind: 'build',
  needs: [],
  env: {},
  secrets: [],
  steps: [{ name: 'say', run: 'echo hello', shell: null, env: {}, workingDirectory: '.' }],
  artifacts: [],
  reports: { tests: [] },
  timeoutMs: 60_000,
  tags: [],
  testType: null,
  on: null,
  deploy: null,
  ...over,
});

export const aPipeline = (...jobs: JobSpec[]): CompiledPipeline => ({
  source: '.slipway.yml',
  on: { push: EVERY_BRANCH, pullRequest: EVERYTHING, manual: true },
  jobs,
});

/** A user, a project of theirs and a repository, as rows. */
export async function aRepository(database: Database): Promise<{ userId: string; projectId: string; repositoryId: string }> {
  const [userId, projectId, repositoryId] = [newId(), newId(), newId()];
  await database.query('insert into users (id, name, email) values ($1, $2, $3)', [userId, 'Ada', `${userId}@example.test`]);
  await database.query('insert into projects (id, name, owner_id) values ($1, $2, $3)', [projectId, `p-${projectId.slice(-12)}`, userId]);
  await database.query(`insert into project_members (project_id, user_id, role) values ($1, $2, 'admin')`, [projectId, userId]);
  await database.query('insert into repositories (id, project_id, name) values ($1, $2, $3)', [repositoryId, projectId, 'app']);
  return { userId, projectId, repositoryId };
}

/** One that takes code from forks too. */
export async function anAgent(database: Database, over: { slots?: number; roles?: string[] } = {}): Promise<string> {
  const id = newId();
  await database.query(
    `insert into agents (id, name, public_key, roles, slots, sandbox, connected, last_seen_at)
     values ($1, $2, $3, $4, $5, '{"untrusted": true}', true, now())`,
    [id, `agent-${id}`, id, over.roles ?? ['build', 'test', 'deploy'], over.slots ?? 2],
  );
  return id;
}

export const aRun = (at: { projectId: string; repositoryId: string }, pipeline: CompiledPipeline, over: Partial<NewRun> = {}): NewRun => ({
  projectId: at.projectId,
  repositoryId: at.repositoryId,
  branch: 'main',
  commitSha: 'a'.repeat(40),
  trigger: 'push',
  triggeredBy: null,
  pushId: null,
  pipeline,
  problems: [],
  ...over,
});

/** For runs without deploy jobs. */
export const noDeployments: DeployGate = {
  ready: () => Promise.reject(new Error('This test has no deployments.')),
  checkRetry: () => Promise.reject(new Error('This test has no deployments.')),
  work: () => Promise.reject(new Error('This test has no deployments.')),
  cancel: () => Promise.reject(new Error('This test has no deployments.')),
  verdict: () => Promise.resolve(null),
};
