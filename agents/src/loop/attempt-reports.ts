import { type AttemptEvent, macOf, type Report, subjects, type TestCaseResult } from '@slipway/protocol';

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

/** The reports of one attempt: numbered without a gap, sent one at a time in their order, each until it is answered. */
export class AttemptReports {
  private next = 0;
  private sending: Promise<void> = Promise.resolve();
  private over = false;

  constructor(private readonly options: ReportsOptions) {}

  report(event: AttemptEvent): void {
    const { attempt, number, key, agentId, masked } = this.options;
    const n = this.next++;
    const mac = macOf(key, subjects.request(agentId, 'report'), number, n);
    this.sending = this.sending.then(() => this.deliver({ attempt, number, n, mac, event: withoutSecrets(event, masked) }));
  }

  /** Resolves when all that was reported so far is answered or refused. */
  delivered(): Promise<void> {
    return this.sending;
  }

  private async deliver(report: Report): Promise<void> {
    if (this.over) return;
    try {
      await this.options.send(report);
    } catch (error) {
      this.over = true;
      this.options.onRefused(error);
    }
  }
}

type Masked = ReportsOptions['masked'];

/** Test reports and messages are made of what the job printed or wrote; step names come from the pipeline. */
function withoutSecrets(event: AttemptEvent, masked: Masked): AttemptEvent {
  if (event.kind === 'tests') return { ...event, cases: event.cases.map((each) => caseWithoutSecrets(each, masked)) };
  if (event.kind !== 'finished') return event;
  const { outcome } = event;
  return 'message' in outcome ? { ...event, outcome: { ...outcome, message: masked(outcome.message) } } : event;
}

function caseWithoutSecrets(each: TestCaseResult, masked: Masked): TestCaseResult {
  const orNull = (text: string | null) => (text === null ? null : masked(text));
  const { suite, name, file, message, output } = each;
  return { ...each, suite: masked(suite), name: masked(name), file: orNull(file), message: orNull(message), output: orNull(output) };
}
