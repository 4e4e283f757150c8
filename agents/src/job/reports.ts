import { type AttemptEvent, TestCaseResult, type Work } from '@slipway/protocol';
import type { StopReason } from './stop-reason.js';
import type { Workspace } from './workspace.js';

const BOUNDS = { cases: 100_000, bytes: 32 * 1024 ** 2, readMs: 120_000 };
/** The end of a job that was stopped waits for its reports. */
const STOPPED = { readMs: 5_000, mostMs: 10_000 };
/** Bounds one report's size as well: 200 failures with 64 KiB each would not fit into a message. */
const MAX_BATCH = { cases: 200, bytes: 400 * 1024 };
/** Of a case whose every character JSON writes as six. */
const MAX_LINE_BYTES = 512 * 1024;

export type ReportsDeps = {
  workspace: Workspace;
  notice(text: string): void;
  report(event: AttemptEvent): void;
  stop: AbortSignal;
};

/**
 * Reports the test cases in the job's report files, whether the job passed, failed or was stopped. What can't be read is mentioned in the log and
 * changes nothing else: the steps decide the verdict.
 */
export async function reportTests(work: Work, { workspace, notice, report, stop }: ReportsDeps): Promise<void> {
  const patterns = work.reports.tests;
  const { bounds, signal } = stop.aborted ? whenStopped(stop) : { bounds: BOUNDS, signal: stop };
  if (patterns.length === 0 || signal.aborted) return;
  const batch = new Batch((cases) => report({ kind: 'tests', cases }));
  try {
    const { leftOut } = await workspace.run({
      request: () => ({ do: 'reports', patterns, bounds }),
      onData: (bytes) => batch.hear(bytes),
      notice,
      stop: signal,
    });
    batch.send();
    if (leftOut && leftOut.passed + leftOut.failed + leftOut.skipped > 0) report({ kind: 'tests', cases: [], onlyCounted: leftOut });
  } catch (error) {
    if (!signal.aborted) notice(`Test reports could not be read to the end: ${error instanceof Error ? error.message : error}`);
  } finally {
    batch.send();
  }
}

/** An attempt that is lost needs no reports, and an agent that is ending has no time for them. */
function whenStopped(stop: AbortSignal) {
  const isWanted = ['timeout', 'cancel'].includes((stop.reason as StopReason).kind);
  return { bounds: { ...BOUNDS, readMs: STOPPED.readMs }, signal: isWanted ? AbortSignal.timeout(STOPPED.mostMs) : stop };
}

/** Takes cases as JSON lines, and hands them on by the batch. */
class Batch {
  private rest: Buffer[] = [];
  private restBytes = 0;
  private allCases = 0;
  private cases: TestCaseResult[] = [];
  private bytes = 0;

  constructor(private readonly onBatch: (cases: TestCaseResult[]) => void) {}

  /** @throws Error at what the program never says */
  hear(bytes: Uint8Array): void {
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, from)) {
      this.gather(bytes.subarray(from, end));
      this.add(Buffer.concat(this.rest));
      [this.rest, this.restBytes, from] = [[], 0, end + 1];
    }
    this.gather(bytes.subarray(from));
  }

  private gather(part: Uint8Array): void {
    this.restBytes += part.length;
    if (this.restBytes > MAX_LINE_BYTES) throw new Error('a test case is too long');
    if (part.length > 0) this.rest.push(Buffer.from(part));
  }

  private add(line: Buffer): void {
    if (++this.allCases > BOUNDS.cases) throw new Error(`there are more than ${BOUNDS.cases} test cases`);
    if (this.cases.length === MAX_BATCH.cases || this.bytes + line.length > MAX_BATCH.bytes) this.send();
    this.cases.push(caseIn(line));
    this.bytes += line.length;
  }

  send(): void {
    if (this.cases.length > 0) this.onBatch(this.cases);
    [this.cases, this.bytes] = [[], 0];
  }
}

const NEWLINE = 0x0a;

function caseIn(line: Buffer): TestCaseResult {
  try {
    return TestCaseResult.parse(JSON.parse(line.toString('utf8')));
  } catch (error) {
    throw new Error('something in place of a test case is not one', { cause: error });
  }
}
