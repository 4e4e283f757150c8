import { type AttemptEvent, TestCaseResult, type Work } from '@slipway/protocol';
import type { StopReason } from './stop-reason.js';
import type { Workspace } from './workspace.js';

const BOUNDS = { cases: 100_000, bytes: 32 * 1024 ** 2, readMs: 120_000 };
/** The end of a job that was stopped waits for its reports. */
const STOPPED = { readMs: 5_000, mostMs: 10_000 };
/** Bounds one report's size as well: 200 failures with 64 KiB each would not fit into a message. */
const MAX_BATCH = { cases: 200, bytes: 400 * 1024 };
const MAX_LINE_CHARACTERS = 2 * 1024 ** 2;

export type ReportsDeps = {
  workspace: Workspace;
  notice(text: string): void;
  report(event: AttemptEvent): void;
  stop: AbortSignal;
};

/**
 * Reports the test cases that the job's report files hold, passed or not, also of a job that was stopped. What can't be read is said
 * in the log and does no more harm: the verdict is the steps'.
 */
export async function reportTests(work: Work, { workspace, notice, report, stop }: ReportsDeps): Promise<void> {
  const patterns = work.reports.tests;
  const { bounds, signal } = stop.aborted ? whenStopped(stop) : { bounds: BOUNDS, signal: stop };
  if (patterns.length === 0 || signal.aborted) return;
  const batch = new Batch((cases) => report({ kind: 'tests', cases }));
  try {
    await workspace.run({
      request: () => ({ do: 'reports', patterns, bounds }),
      onOutput: (bytes) => batch.hear(bytes),
      notice,
      stop: signal,
    });
  } catch (error) {
    if (!signal.aborted) notice(`Test reports could not be read to their end: ${error instanceof Error ? error.message : error}`);
  } finally {
    batch.send();
  }
}

/** Nobody wants to hear of an attempt that is lost; an agent that ends has no time. */
function whenStopped(stop: AbortSignal) {
  const isWanted = ['timeout', 'cancel'].includes((stop.reason as StopReason).kind);
  return { bounds: { ...BOUNDS, readMs: STOPPED.readMs }, signal: isWanted ? AbortSignal.timeout(STOPPED.mostMs) : stop };
}

/** Takes cases as JSON lines, and hands them on by the batch. */
class Batch {
  private readonly decoder = new TextDecoder();
  private rest = '';
  private cases: TestCaseResult[] = [];
  private bytes = 0;

  constructor(private readonly onBatch: (cases: TestCaseResult[]) => void) {}

  hear(bytes: Uint8Array): void {
    const lines = (this.rest + this.decoder.decode(bytes, { stream: true })).split('\n');
    this.rest = lines.pop() ?? '';
    if (this.rest.length > MAX_LINE_CHARACTERS) throw new Error('A test case is longer than any can be.');
    for (const line of lines) if (line !== '') this.add(TestCaseResult.parse(JSON.parse(line)), line.length);
  }

  private add(each: TestCaseResult, size: number): void {
    if (this.cases.length === MAX_BATCH.cases || this.bytes + size > MAX_BATCH.bytes) this.send();
    this.cases.push(each);
    this.bytes += size;
  }

  send(): void {
    if (this.cases.length > 0) this.onBatch(this.cases);
    [this.cases, this.bytes] = [[], 0];
  }
}
