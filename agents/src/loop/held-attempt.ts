import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Outcome, Report, Work } from '@slipway/protocol';
import type { Logger } from 'pino';
import type { StopReason } from '../job/stop-reason.js';
import { type AttemptLog, openAttemptLog, type PublishChunk } from '../logs/attempt-log.js';
import { masked } from '../logs/mask.js';
import { SecretMatcher } from '../logs/secret-matcher.js';
import { AttemptReports } from './attempt-reports.js';

export type HeldAttemptDeps = {
  agentId: string;
  spoolDir: string;
  publish: PublishChunk;
  /** Asks until it is answered, or the signal says to stop. */
  send(report: Report, signal: AbortSignal): Promise<unknown>;
  log: Logger;
};

/** Does the work; the outcome is what the server is told. Throws only when the agent itself is broken. */
export type Perform = (work: Work, log: AttemptLog, reports: AttemptReports, stop: AbortSignal) => Promise<Outcome>;

/** One attempt that this agent holds, from its acceptance until the server has all of its reports and its log is sealed. */
export class HeldAttempt {
  private readonly stopping = new AbortController();
  /** Nothing may be reported any more. */
  private readonly lost = new AbortController();
  private readonly reports: AttemptReports;
  private outcome: Outcome | null = null;

  private constructor(
    readonly work: Work,
    private readonly attemptLog: AttemptLog,
    private readonly deps: HeldAttemptDeps,
  ) {
    const matcher = SecretMatcher.of(secretsOf(work));
    this.reports = new AttemptReports({
      masked: (text) => masked(text, matcher),
      attempt: work.attempt,
      number: work.number,
      key: Buffer.from(work.key, 'base64'),
      agentId: deps.agentId,
      send: (report) => deps.send(report, this.lost.signal),
      onRefused: (error) => this.refused(error),
    });
  }

  static async open(work: Work, deps: HeldAttemptDeps): Promise<HeldAttempt> {
    const log = await openAttemptLog({
      attempt: work.attempt,
      number: work.number,
      key: Buffer.from(work.key, 'base64'),
      agentId: deps.agentId,
      secrets: secretsOf(work),
      limits: work.log,
      spoolDir: deps.spoolDir,
      publish: deps.publish,
      onDiskError: (error) => deps.log.error({ err: error, attempt: work.attempt }, 'The log could not be spooled to disk.'),
    });
    return new HeldAttempt(work, log, deps);
  }

  get id(): string {
    return this.work.attempt;
  }

  get isLost(): boolean {
    return this.lost.signal.aborted;
  }

  get isRunning(): boolean {
    return this.outcome === null;
  }

  /** The work to its end. Resolves when no process and no folder of it is left; reports may still be on their way, see {@link settled}. */
  async run(perform: Perform): Promise<void> {
    const { work } = this;
    try {
      this.outcome = await perform(work, this.attemptLog, this.reports, this.stopping.signal);
    } catch (error) {
      this.deps.log.error({ err: error, attempt: work.attempt }, 'An attempt failed because of an error in this agent.');
      this.outcome = { kind: 'error', reason: 'agent_failed', message: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Ends the log and reports the outcome. Resolves when the server has answered, or nothing may be said any more. */
  async settled(): Promise<void> {
    if (!this.outcome || this.lost.signal.aborted) return;
    const { lastChunk, lines } = await this.attemptLog.end();
    this.reports.report({ kind: 'finished', outcome: this.outcome, lastChunk, lines });
    await this.reports.delivered();
  }

  /** Resolves once the server has sealed the log. */
  get sealed(): Promise<void> {
    return this.attemptLog.done;
  }

  /** The first reason counts. */
  stop(reason: StopReason): void {
    if (reason.kind === 'lost') this.lost.abort(reason);
    this.stopping.abort(reason);
  }

  /** The server has sealed chunks up to here. */
  logSealed(through: number): void {
    if (through >= 0) this.attemptLog.sealed(through);
  }

  resendLog(from: number): void {
    this.attemptLog.resend(from);
  }

  /** Gives up the log: what the server does not have by now is lost. */
  async abandonLog(): Promise<void> {
    await this.attemptLog.close();
    await rm(join(this.deps.spoolDir, this.id), { recursive: true, force: true });
  }

  private refused(error: unknown): void {
    if (this.lost.signal.aborted) return;
    this.deps.log.warn({ err: error, attempt: this.id }, 'The server takes no more reports of this attempt; dropping it.');
    this.stop({ kind: 'lost' });
  }
}

/** Values that must not show in the log: those given to the steps, and those of the releases whose output a deploy job shows. */
function secretsOf({ secrets, deploy }: Work): string[] {
  return [secrets, ...(deploy?.desired.releases ?? []).map((release) => release.secrets)].flatMap((values) => Object.values(values));
}
