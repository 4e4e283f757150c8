import type { TestCase } from './junit.ts';
import type { CaseCounts, ReportBounds } from './messages.ts';

const LINES_BYTES = 64 * 1024;

/**
 * Which test cases are handed on where not all are: those that failed at once, the others after them, as many as the bounds allow. When half
 * of the room is used, failures go without what they printed.
 */
export class CaseSelection {
  /** By what became of them. */
  readonly leftOut: CaseCounts = { passed: 0, failed: 0, skipped: 0 };
  allCases = 0;
  keptCases = 0;
  keptBytes = 0;
  private readonly bounds: Pick<ReportBounds, 'cases' | 'bytes'>;
  private readonly write: (lines: string) => void;
  /** JSON lines of cases that have not failed. */
  private waiting: { state: TestCase['state']; line: string }[] = [];
  private waitingBytes = 0;
  private unwritten = '';

  constructor(bounds: Pick<ReportBounds, 'cases' | 'bytes'>, write: (lines: string) => void) {
    this.bounds = bounds;
    this.write = write;
  }

  take(each: TestCase): void {
    const { state } = each;
    this.allCases++;
    if (state === 'failed') this.keep(state, lineOf(this.keptBytes > this.bounds.bytes / 2 ? { ...each, output: null } : each));
    else if (this.waiting.length < this.bounds.cases && this.waitingBytes < this.bounds.bytes) {
      const line = lineOf(each);
      this.waiting.push({ state, line });
      this.waitingBytes += line.length;
    } else this.leftOut[state]++;
  }

  finish(): void {
    for (const { state, line } of this.waiting) this.keep(state, line);
    this.waiting = [];
    this.write(this.unwritten);
    this.unwritten = '';
  }

  private keep(state: TestCase['state'], line: string): void {
    if (this.keptCases >= this.bounds.cases || this.keptBytes + line.length > this.bounds.bytes) {
      this.leftOut[state]++;
      return;
    }
    this.keptCases++;
    this.keptBytes += line.length;
    this.unwritten += line;
    if (this.unwritten.length < LINES_BYTES) return;
    this.write(this.unwritten);
    this.unwritten = '';
  }
}

const lineOf = (each: TestCase): string => `${JSON.stringify(each)}\n`;
