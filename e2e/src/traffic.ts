import { setTimeout as sleep } from 'node:timers/promises';

type Answer = { at: number; version: string };

const TIMEOUT_MS = 10_000;

/** Requests to a running application, one after the other in some lanes, until it is stopped. Whatever is not an answer of 200 is a failure. */
export class Traffic {
  readonly failures: string[] = [];
  /** Each time that another version answered than before. */
  readonly changes: Answer[] = [];
  answered = 0;
  private stopped = false;
  private readonly lanes: Promise<void>[];

  /** @param versionOf finds the version in an answer's text */
  constructor(
    readonly url: string,
    private readonly versionOf: (text: string) => string,
    { lanes = 2, pauseMs = 10 } = {},
  ) {
    this.lanes = Array.from({ length: lanes }, (_, lane) => this.run(lane % 2 === 0, pauseMs));
  }

  get versions(): string[] {
    return this.changes.map(({ version }) => version);
  }

  /** When this version first answered after that moment. */
  firstAfter(at: number, version: string): number | undefined {
    return this.changes.find((change) => change.at >= at && change.version === version)?.at;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.lanes);
  }

  /** Some lanes keep their connection, some make a new one for each request. */
  private async run(keepsConnection: boolean, pauseMs: number): Promise<void> {
    while (!this.stopped) {
      await this.ask(keepsConnection ? {} : { connection: 'close' });
      await sleep(pauseMs);
    }
  }

  private async ask(headers: Record<string, string>): Promise<void> {
    const at = Date.now();
    try {
      const response = await fetch(this.url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
      const text = await response.text();
      if (response.status !== 200) throw new Error(`${response.status} ${text.slice(0, 200)}`);
      this.answered++;
      const version = this.versionOf(text);
      if (this.changes.at(-1)?.version !== version) this.changes.push({ at: Date.now(), version });
    } catch (error) {
      const { message, cause } = error as Error;
      this.failures.push(`${new Date(at).toISOString()} after ${Date.now() - at} ms: ${message} ${cause ?? ''}`);
    }
  }
}
