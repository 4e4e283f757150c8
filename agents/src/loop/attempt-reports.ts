import { type AttemptEvent, macOf, type Outcome, type Report, sentences, shorten, subjects, type TestCaseResult } from '@slipway/protocol';
import { NOT_SENDABLE, RequestRefused } from './server-link.js';

/** In code points. An error may quote all that a program printed. */
const MAX_MESSAGE = 8_000;

export type ReportsOptions = {
  attempt: string;
  number: number;
  key: Uint8Array;
  agentId: string;
  /** Asks until it is answered. */
  send(report: Report): Promise<unknown>;
  /** Hides secrets: what is reported is kept as it is, and shown. */
  masked(text: string): string;
  /** The server will take no report of this attempt any more. */
  onRefused(error: unknown): void;
};

/**
 * The reports of one attempt: numbered without a gap, sent one at a time in their order, each until it is answered. One that can't be sent
 * at all is left out, and the outcome says so.
 */
export class AttemptReports {
  private next = 0;
  private sending: Promise<void> = Promise.resolve();
  private over = false;
  private unsent: RequestRefused | null = null;

  constructor(private readonly options: ReportsOptions) {}

  report(event: AttemptEvent): void {
    this.sending = this.sending.then(() => this.deliver(event));
  }

  /** Resolves when all that was reported so far is answered or refused. */
  delivered(): Promise<void> {
    return this.sending;
  }

  private async deliver(event: AttemptEvent): Promise<void> {
    if (this.over) return;
    try {
      await this.options.send(this.numbered(event));
      this.next++;
    } catch (error) {
      if (event.kind !== 'finished' && error instanceof RequestRefused && error.code === NOT_SENDABLE) {
        this.unsent ??= error;
        return;
      }
      this.over = true;
      this.options.onRefused(error);
    }
  }

  private numbered(event: AttemptEvent): Report {
    const { attempt, number, key, agentId, masked } = this.options;
    const whole = event.kind === 'finished' && this.unsent ? { ...event, outcome: incomplete(event.outcome, this.unsent) } : event;
    const mac = macOf(key, subjects.request(agentId, 'report'), number, this.next);
    return { attempt, number, n: this.next, mac, event: withoutSecrets(whole, masked) };
  }
}

/** A job does not count as passed if the tests that could not be reported may have failed. */
function incomplete(outcome: Outcome, { message }: RequestRefused): Outcome {
  const why = `Not everything that this job reports could be sent. ${message}`;
  if (outcome.kind === 'passed') return { kind: 'failed', reason: 'report_not_sent', message: why, step: null, exitCode: null };
  return 'message' in outcome ? { ...outcome, message: sentences(shorten(outcome.message, MAX_MESSAGE / 2, '…'), why) } : outcome;
}

type Masked = ReportsOptions['masked'];

/** Test reports and messages are made of what the job printed or wrote; step names come from the pipeline. */
function withoutSecrets(event: AttemptEvent, masked: Masked): AttemptEvent {
  if (event.kind === 'tests') return { ...event, cases: event.cases.map((each) => caseWithoutSecrets(each, masked)) };
  if (event.kind !== 'finished') return event;
  const { outcome } = event;
  return 'message' in outcome ? { ...event, outcome: { ...outcome, message: shorten(masked(outcome.message), MAX_MESSAGE, '…') } } : event;
}

function caseWithoutSecrets(each: TestCaseResult, masked: Masked): TestCaseResult {
  const orNull = (text: string | null) => (text === null ? null : masked(text));
  const { suite, name, file, message, output } = each;
  return { ...each, suite: masked(suite), name: masked(name), file: orNull(file), message: orNull(message), output: orNull(output) };
}
