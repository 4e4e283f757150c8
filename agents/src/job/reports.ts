import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { AttemptEvent, TestCaseResult, Work } from '@slipway/protocol';
import { findFiles } from './workspace-files.js';

const MAX_FILE_BYTES = 50 * 1024 ** 2;
const MAX_CASES = 100_000;
/** Bounds one report's size as well: 200 failures with 64 KiB each would not fit into a message. */
const MAX_BATCH = { cases: 200, bytes: 400 * 1024 };

export type ReportsDeps = { workspacePath: string; notice(text: string): void; report(event: AttemptEvent): void };

/**
 * Reports the test cases that the job's report files hold, passed or not. A file that can't be read is said in the log and
 * does no more harm: the verdict is the step's.
 */
export async function reportTests(work: Work, { workspacePath, notice, report }: ReportsDeps): Promise<void> {
  const cases: TestCaseResult[] = [];
  for (const pattern of work.reports.tests) {
    const files = (await findFiles(workspacePath, pattern)).filter(({ kind }) => kind === 'file');
    if (files.length === 0) notice(`No test report fits "${pattern}".`);
    for (const { path } of files) cases.push(...(await casesIn(workspacePath, path, notice)));
  }
  if (cases.length > MAX_CASES) notice(`Only the first ${MAX_CASES} of ${cases.length} test cases are kept.`);
  for (const batch of batches(cases.slice(0, MAX_CASES))) report({ kind: 'tests', cases: batch });
}

async function casesIn(workspacePath: string, path: string, notice: (text: string) => void): Promise<TestCaseResult[]> {
  try {
    const { size } = await stat(join(workspacePath, path));
    if (size > MAX_FILE_BYTES) throw new Error(`it is larger than ${MAX_FILE_BYTES} bytes`);
    // Loaded when it is needed: most of the time an agent is idle.
    const { parseJunit } = await import('./junit.js');
    return parseJunit(await readFile(join(workspacePath, path), 'utf8'));
  } catch (error) {
    notice(`Test report "${path}" can't be read as JUnit XML: ${error instanceof Error ? error.message : error}.`);
    return [];
  }
}

function* batches(cases: TestCaseResult[]): Generator<TestCaseResult[]> {
  let batch: TestCaseResult[] = [];
  let bytes = 0;
  for (const each of cases) {
    const size = Buffer.byteLength(JSON.stringify(each));
    if (batch.length > 0 && (batch.length === MAX_BATCH.cases || bytes + size > MAX_BATCH.bytes)) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(each);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
