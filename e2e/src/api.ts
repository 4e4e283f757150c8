const POLL_MS = 100;

export type RunFacts = {
  id: string;
  number: number;
  state: string;
  commitSha: string;
  jobs: { id: string; name: string; state: string; message: string | null }[];
};

/** GraphQL as a script would use it: a token and fetch. */
export class Api {
  constructor(
    readonly url: string,
    readonly token: string,
  ) {}

  async query<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.token}` },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: T; errors?: { message: string }[] };
    if (errors) throw new Error(errors.map((error) => error.message).join('\n'));
    return data;
  }

  async runs(project: string): Promise<RunFacts[]> {
    const { project: found } = await this.query<{ project: { runs: { edges: { node: RunFacts }[] } } | null }>(
      `query ($project: String!) { project(name: $project) { runs(first: 50) { edges { node { id number state commitSha jobs { id name state message } } } } } }`,
      { project },
    );
    return found?.runs.edges.map((edge) => edge.node) ?? [];
  }

  /** The run of a commit, once it is in one of these states. */
  runOf(project: string, sha: string, states: string[], timeoutMs = 90_000): Promise<RunFacts> {
    return eventually(`a run of ${sha.slice(0, 7)} that is ${states.join(' or ')}`, timeoutMs, async () =>
      (await this.runs(project)).find((run) => run.commitSha === sha && states.includes(run.state)),
    );
  }

  async logText(jobId: string): Promise<string> {
    const { jobLog } = await this.query<{ jobLog: { text: string } }>(
      `query ($jobId: ID!) { jobLog(jobId: $jobId, fromLine: 0, count: 20000) { text } }`,
      { jobId },
    );
    return jobLog.text;
  }
}

/** Looks until it finds, and says what it looked for and what came last when it doesn't. */
export async function eventually<T>(what: string, timeoutMs: number, look: () => Promise<T | undefined | null | false>): Promise<T> {
  const end = Date.now() + timeoutMs;
  let last: unknown;
  while (Date.now() < end) {
    try {
      const found = await look();
      if (found) return found;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`Waited ${timeoutMs} ms for ${what}.${last ? ` Last error: ${last}` : ''}`);
}
