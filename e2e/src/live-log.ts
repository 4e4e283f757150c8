import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { Api } from './api.js';

/** `text` holds as many pieces as there are `times`, one line each, joined by line feeds; the last may go on in the next batch. */
type Batch = { firstLine: number; text: string; times: number[]; startsInsideLine: boolean; complete: boolean };

const LOG = `subscription ($jobId: ID!, $attemptId: ID, $fromLine: Int!) {
  jobLog(jobId: $jobId, attemptId: $attemptId, fromLine: $fromLine) { firstLine text times startsInsideLine complete } }`;
const RETRY_MS = 200;

/**
 * Tails a log as the page does: after a cut it goes on from the first line that it does not have whole.
 * `resumed` counts the cuts.
 */
export class LiveLog {
  /** The last one may still grow. */
  readonly lines: string[] = [];
  private stopped = false;
  resumed = 0;
  isComplete = false;
  private readonly following: Promise<void>;

  constructor(
    private readonly api: Api,
    private readonly jobId: string,
    private readonly attemptId: string,
  ) {
    this.following = this.follow();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.following;
  }

  private async follow(): Promise<void> {
    while (!this.stopped) {
      try {
        if (await this.tail()) return;
      } catch {
        this.resumed++; // the socket was cut; what is missing is asked for again
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  private async tail(): Promise<boolean> {
    const client = createClient({
      url: `${this.api.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { token: this.api.token },
      retryAttempts: 0,
    });
    try {
      this.lines.pop(); // it may have been cut in the middle
      const variables = { jobId: this.jobId, attemptId: this.attemptId, fromLine: this.lines.length };
      for await (const { data, errors } of client.iterate<{ jobLog: Batch }>({ query: LOG, variables })) {
        if (errors || !data) throw new Error(`The log could not be followed: ${JSON.stringify(errors)}`);
        this.take(data.jobLog);
        this.isComplete = data.jobLog.complete;
        if (this.isComplete) return true;
      }
      return false;
    } finally {
      await client.dispose();
    }
  }

  /** Each line once and in order: a batch that skips or repeats one is the fault that tests look for. */
  private take({ firstLine, text, times, startsInsideLine }: Batch): void {
    if (times.length === 0) return;
    const [first = '', ...others] = text.split('\n');
    const next = this.lines.length - (startsInsideLine ? 1 : 0);
    if (firstLine !== next) this.lines.push(`<a batch at line ${firstLine} where line ${next} was to come>`);
    if (startsInsideLine && this.lines.length > 0) this.lines[this.lines.length - 1] += first;
    else this.lines.push(first);
    this.lines.push(...others);
  }
}
