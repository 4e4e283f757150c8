import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { readable } from './archive-bounds.ts';
import { CaseSelection } from './case-selection.ts';
import { type FoundFile, findFiles, isNamed, listed } from './find-files.ts';
import { JunitReader, type ReportFault } from './junit.ts';
import type { Message, ReportsRequest } from './messages.ts';
import { type Bytes, bufferOf, shown } from './names.ts';
import { xmlDecoder } from './xml-text.ts';

const MAX_FILES = 10_000;
const MAX_FILE_BYTES = 1024 ** 3;
const CHUNK_BYTES = 64 * 1024;

class TooManyFiles extends Error {}

/**
 * Reads the job's report files, whether the job passed or not. A file that can't be read, or not to its end, is mentioned in the log and changes
 * nothing else: the steps decide the verdict.
 */
export function readReports({ patterns, bounds }: ReportsRequest, write: (lines: string) => void, tell: (message: Message) => void): void {
  const notice = (text: string): void => tell({ kind: 'notice', text });
  Error.stackTraceLimit = 0; // a report may have a fault in every line
  const selection = new CaseSelection(bounds, write);
  const reading: Reading = { selection, until: performance.now() + bounds.readMs, readMs: bounds.readMs, notice, seen: new Set() };
  for (const { path } of reportsIn(patterns, notice)) readReport(path, reading);
  selection.finish();
  if (selection.keptCases < selection.allCases)
    notice(`Kept ${selection.keptCases} of ${selection.allCases} test cases, failed ones first. The others are only counted.`);
  tell({ kind: 'done', entries: selection.allCases, bytes: selection.keptBytes, leftOut: selection.leftOut });
}

function reportsIn(patterns: readonly string[], notice: (text: string) => void): FoundFile[] {
  try {
    const tooMany = (): Error => new TooManyFiles();
    const { files, unmatched, unreadable } = findFiles(patterns, { skipped: ['node_modules'], most: MAX_FILES, tooMany });
    for (const pattern of unmatched) notice(`No test report matches "${pattern}".`);
    if (unreadable.length > 0) notice(`Not searched for test reports: ${listed(unreadable)}.`);
    return files.filter(({ path, kind }) => (kind === 'file' || kind === 'link') && (path.endsWith('.xml') || isNamed(path, patterns)));
  } catch (error) {
    if (!(error instanceof TooManyFiles)) throw error;
    notice(`No test report was read: more than ${MAX_FILES} files match "reports". Use narrower patterns.`);
    return [];
  }
}

type Reading = { selection: CaseSelection; until: number; readMs: number; notice(text: string): void; seen: Set<string> };
type OpenReport = { descriptor: number; id: string; size: number } & Disposable;

function readReport(path: Bytes, reading: Reading): void {
  const { selection, notice, seen } = reading;
  let cases = 0;
  try {
    using file = openReport(path);
    if (seen.has(file.id)) return;
    seen.add(file.id);
    const reader = new JunitReader((each) => {
      cases++;
      selection.take(each);
    });
    const fault = readInto(reader, file, reading);
    if (fault) notice(faultIn(path, fault, cases));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    notice(`Test report ${shown(path)} can't be read as JUnit XML: ${code ? (FILE_ERRORS[code] ?? message) : message}.`);
  }
}

function readInto(reader: JunitReader, { descriptor, size }: OpenReport, { until, readMs }: Reading): ReportFault | null {
  if (size > MAX_FILE_BYTES) throw new Error(`it has ${readable(size)}, but at most ${readable(MAX_FILE_BYTES)} are read`);
  for (const text of textsOf(descriptor)) {
    if (performance.now() > until)
      return { line: reader.line, why: `all reports of a job together may take at most ${readMs / 1000} s to read`, more: 0 };
    if (!reader.write(text)) break;
  }
  return reader.end();
}

const FILE_ERRORS: Record<string, string> = {
  EACCES: 'the job may not read it',
  ENOENT: 'it is a link to nothing',
  ELOOP: 'it is a link to itself',
};

function faultIn(path: Bytes, { line, why, more }: ReportFault, cases: number): string {
  const others = more > 0 ? ` (and ${more} more ${more === 1 ? 'fault' : 'faults'})` : '';
  const kept = cases > 0 ? ` ${cases} test cases could be read and are kept.` : '';
  return `Test report ${shown(path)} can't be read as JUnit XML at line ${line}: ${why}${others}.${kept}`;
}

/** A link is followed within the workspace. */
function openReport(path: Bytes): OpenReport {
  const root = realpathSync.native(Buffer.from('.'), 'latin1' as 'buffer') as unknown as Bytes;
  const real = realpathSync.native(bufferOf(path), 'latin1' as 'buffer') as unknown as Bytes;
  if (!real.startsWith(`${root}/`)) throw new Error(`it is a link to ${shown(real)}, outside the workspace`);
  const descriptor = openSync(bufferOf(real), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const facts = fstatSync(descriptor);
  const file = { descriptor, id: `${facts.dev}:${facts.ino}`, size: facts.size, [Symbol.dispose]: () => closeSync(descriptor) };
  if (facts.isFile()) return file;
  file[Symbol.dispose]();
  throw new Error('it is not a file');
}

function* textsOf(descriptor: number): Generator<string> {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let decoder: ReturnType<typeof xmlDecoder> | null = null;
  for (;;) {
    const bytes = readSync(descriptor, chunk, 0, chunk.length, null);
    if (bytes === 0) break;
    decoder ??= xmlDecoder(chunk.subarray(0, bytes));
    yield decoder.decode(chunk.subarray(0, bytes), { stream: true });
  }
  if (decoder) yield decoder.decode();
}
