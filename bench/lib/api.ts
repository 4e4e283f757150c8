import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { eventually } from './wait.ts';

export type LogLines = {
  firstLine: number;
  lineCount: number;
  text: string;
  times: number[];
  startsInsideLine: boolean;
  complete: boolean;
};
export type Triggered = { id: string; jobs: { id: string; name: string }[] };

const TERMINAL = ['SUCCEEDED', 'FAILED', 'CANCELLED', 'INVALID'];
const LOG = `subscription ($jobId: ID!) { jobLog(jobId: $jobId) { firstLine lineCount text times startsInsideLine complete } }`;

/** GraphQL as a program would use it: a token, fetch and one web socket. */
export class Api {
  readonly url: string;
  readonly token: string;

  constructor(url: string, token: string) {
    this.url = url;
    this.token = token;
  }

  async query<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.token}` },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: T; errors?: { message: string }[] };
    if (errors) throw new Error(errors.map(({ message }) => message).join('\n'));
    return data;
  }

  async trigger(repositoryId: string): Promise<Triggered> {
    const { triggerRun } = await this.query<{ triggerRun: Triggered }>(
      'mutation ($repositoryId: ID!) { triggerRun(repositoryId: $repositoryId) { id jobs { id name } } }',
      { repositoryId },
    );
    return triggerRun;
  }

  agentReady(): Promise<unknown> {
    return eventually('an agent that is ready for work', async () =>
      (await this.query<{ agents: { connected: boolean }[] }>('{ agents { connected } }')).agents.some(({ connected }) => connected),
    );
  }

  open(): LiveApi {
    return new LiveApi(this);
  }
}

/** One web socket with subscriptions, as the page has it. */
export class LiveApi implements AsyncDisposable {
  private readonly client;

  constructor({ url, token }: Api) {
    this.client = createClient({
      url: `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { token },
      lazy: false,
    });
  }

  /** Resolves after the batch that is `complete`. */
  async followLog(jobId: string, onLines: (lines: LogLines) => void): Promise<void> {
    for await (const { data, errors } of this.client.iterate<{ jobLog: LogLines }>({ query: LOG, variables: { jobId } })) {
      if (errors || !data) throw new Error(`The log could not be followed: ${JSON.stringify(errors)}`);
      onLines(data.jobLog);
      if (data.jobLog.complete) return;
    }
  }

  /** Resolves with the state in which the run ended. */
  async runEnd(id: string): Promise<string> {
    const query = 'subscription ($id: ID!) { runChanged(id: $id) { state } }';
    for await (const { data } of this.client.iterate<{ runChanged: { state: string } }>({ query, variables: { id } })) {
      if (data && TERMINAL.includes(data.runChanged.state)) return data.runChanged.state;
    }
    throw new Error(`Run ${id} was not seen to end.`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.dispose();
  }
}
