import { type AttemptEvent, macOf, type Report, subjects } from '@slipway/protocol';

export type ReportsOptions = {
  attempt: string;
  number: number;
  key: Uint8Array;
  agentId: string;
  /** Asks until it is answered. */
  send(report: Report): Promise<unknown>;
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
    const { attempt, number, key, agentId } = this.options;
    const n = this.next++;
    const mac = macOf(key, subjects.request(agentId, 'report'), number, n);
    this.sending = this.sending.then(() => this.deliver({ attempt, number, n, mac, event }));
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
