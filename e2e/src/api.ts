import { eventually } from './eventually.js';

export type JobFacts = { id: string; name: string; kind: string; state: string; message: string | null };
export type RunFacts = {
  id: string;
  number: number;
  state: string;
  commitSha: string;
  problems: { file: string; line: number | null; column: number | null; message: string; remedy: string }[];
  jobs: JobFacts[];
};
export type ReleaseFacts = { id: string; number: number; version: string; commitSha: string };
export type EnvironmentFacts = {
  id: string;
  port: number | null;
  health: string | null;
  release: ReleaseFacts | null;
  warmRelease: ReleaseFacts | null;
  activeDeployment: { id: string; state: string } | null;
};

export const TERMINAL = ['SUCCEEDED', 'FAILED', 'CANCELLED', 'INVALID'];

const RELEASE = 'id number version commitSha';
const RUN = 'id number state commitSha problems { file line column message remedy } jobs { id name kind state message }';

/** What the server said no to, as a client gets it. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly code: string | undefined,
    readonly status: number,
  ) {
    super(message);
  }
}

/** GraphQL as a script would use it: a token and fetch. */
export class Api {
  constructor(
    readonly url: string,
    readonly token: string,
  ) {}

  /** @throws Refused */
  async query<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(this.token ? { authorization: `Bearer ${this.token}` } : {}) },
      body: JSON.stringify({ query, variables }),
    });
    type Body = { data: T; errors?: { message: string; extensions?: { code?: string } }[] };
    const { data, errors } = (await response.json()) as Body;
    if (errors) throw new Refused(errors.map(({ message }) => message).join('\n'), errors[0]?.extensions?.code, response.status);
    return data;
  }

  async agentReady(): Promise<void> {
    await eventually('an agent that is ready for work', 60_000, async () =>
      (await this.query<{ agents: { connected: boolean }[] }>('{ agents { connected } }')).agents.some(({ connected }) => connected),
    );
  }

  /** @returns the repository's id */
  async createRepository(project: string, name: string): Promise<string> {
    const { createRepository } = await this.query<{ createRepository: { id: string } }>(
      'mutation ($project: String!, $name: String!) { createRepository(project: $project, name: $name) { id } }',
      { project, name },
    );
    return createRepository.id;
  }

  /** @returns the project's id */
  async createProject(name: string): Promise<string> {
    const { createProject } = await this.query<{ createProject: { id: string } }>(
      'mutation ($name: String!) { createProject(name: $name) { id } }',
      { name },
    );
    return createProject.id;
  }

  /** @returns the run's id */
  async trigger(repositoryId: string): Promise<string> {
    const { triggerRun } = await this.query<{ triggerRun: { id: string } }>(
      'mutation ($repositoryId: ID!) { triggerRun(repositoryId: $repositoryId) { id } }',
      { repositoryId },
    );
    return triggerRun.id;
  }

  async runs(project: string): Promise<RunFacts[]> {
    const { project: found } = await this.query<{ project: { runs: { edges: { node: RunFacts }[] } } | null }>(
      `query ($project: String!) { project(name: $project) { runs(first: 100) { edges { node { ${RUN} } } } } }`,
      { project },
    );
    return found?.runs.edges.map(({ node }) => node) ?? [];
  }

  async run(id: string): Promise<RunFacts | null> {
    return (await this.query<{ run: RunFacts | null }>(`query ($id: ID!) { run(id: $id) { ${RUN} } }`, { id })).run;
  }

  /** The run of a commit, once it is in one of these states. If it ends in any other state, this fails at once. */
  async runOf(project: string, sha: string, states: string[], timeoutMs = 60_000): Promise<RunFacts> {
    const run = await eventually(`a run of ${sha.slice(0, 7)} that is ${states.join(' or ')}`, timeoutMs, async () =>
      (await this.runs(project)).find((each) => each.commitSha === sha && [...states, ...TERMINAL].includes(each.state)),
    );
    if (states.includes(run.state)) return run;
    const jobs = run.jobs.map(({ name, state, message }) => `${name} ${state}: ${message ?? ''}`);
    throw new Error(
      `Run ${run.number} was to be ${states.join(' or ')}, and is ${run.state}.\n${jobs.join('\n')}\n${JSON.stringify(run.problems)}`,
    );
  }

  async job(id: string): Promise<JobFacts & { attempts: { id: string; number: number; state: string }[] }> {
    type Job = JobFacts & { attempts: { id: string; number: number; state: string }[] };
    const { job } = await this.query<{ job: Job | null }>(
      'query ($id: ID!) { job(id: $id) { id name kind state message attempts { id number state } } }',
      { id },
    );
    if (!job) throw new Error(`There is no job ${id}.`);
    return job;
  }

  /** A job of the commit's run, once it is in one of these states. */
  jobOf(project: string, sha: string, name: string, states: string[], timeoutMs = 60_000): Promise<JobFacts> {
    return eventually(`job ${name} of ${sha.slice(0, 7)} to be ${states.join(' or ')}`, timeoutMs, async () => {
      const run = (await this.runs(project)).find((each) => each.commitSha === sha);
      return run?.jobs.find((job) => job.name === name && states.includes(job.state));
    });
  }

  /** The whole log of an attempt, as the raw text is downloaded. */
  async logText(attemptId: string): Promise<string> {
    const response = await fetch(`${this.url}/api/logs/${attemptId}.txt`, { headers: { authorization: `Bearer ${this.token}` } });
    if (!response.ok) throw new Error(`The log of ${attemptId} answered ${response.status}: ${await response.text()}`);
    return response.text();
  }

  async environment(project: string, name: string): Promise<EnvironmentFacts> {
    const { environment } = await this.query<{ environment: EnvironmentFacts | null }>(
      `query ($project: String!, $name: String!) { environment(project: $project, name: $name) {
        id port health release { ${RELEASE} } warmRelease { ${RELEASE} } activeDeployment { id state } } }`,
      { project, name },
    );
    if (!environment) throw new Error(`There is no environment ${name} in ${project}.`);
    return environment;
  }

  async deployment(
    id: string,
  ): Promise<{ state: string; message: string | null; receipt: { served: number; failed: number; cut: number } | null }> {
    type Deployment = { state: string; message: string | null; receipt: { served: number; failed: number; cut: number } | null };
    const { deployment } = await this.query<{ deployment: Deployment | null }>(
      'query ($id: ID!) { deployment(id: $id) { state message receipt { served failed cut } } }',
      { id },
    );
    if (!deployment) throw new Error(`There is no deployment ${id}.`);
    return deployment;
  }
}
