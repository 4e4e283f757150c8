import { shorten } from '@slipway/protocol/text';
import { SaxesParser, type SaxesTagPlain } from 'saxes';

/** As the protocol has it. */
export type TestCase = {
  suite: string;
  name: string;
  file: string | null;
  state: 'passed' | 'failed' | 'skipped';
  durationMs: number | null;
  message: string | null;
  output: string | null;
};

/** What is wrong with a report: the first fault, and how many more there are. */
export type ReportFault = { line: number; why: string; more: number };

const MAX_OUTPUT_BYTES = 64 * 1024;
const MAX_MESSAGE_CHARACTERS = 4_000;
const MAX_NAME_CHARACTERS = 1_000;
/** Of a document that people's tools have written. */
const MAX_DEPTH = 1_000;
const MAX_ATTRIBUTES = 1_000;
const MAX_MARKUP_CHARACTERS = 64 * 1024;

const SKIPPED = new Set(['skipped', 'notrun', 'disabled', 'ignored', 'suppressed', 'pending']);
const FAILED = new Set(['failed', 'fail', 'failure', 'error', 'errored']);
const SUITE_ITSELF = '(the suite itself)';

type Suite = { name: string; file: string | null /** Failures and errors: as it says, and as it shows. */; told: number; shown: number };
type Problem = { message: string; text: string };
type OpenCase = { attributes: Record<string, string>; problems: Problem[]; skipped: Problem | null; printed: string[] };

/** No more can be read of a report; what was read counts. */
class Unreadable extends Error {}

/**
 * Reads JUnit XML as it comes, in bounded memory, as Maven, Gradle, Vitest, Jest, Mocha, pytest, GoogleTest, CTest and others write it: suites may nest,
 * or be missing. https://github.com/testmoapp/junitxml describes what is about. Faults are remembered and read over, since tools
 * write raw control characters and the like; only XML's own entities and numbered ones mean anything.
 */
export class JunitReader {
  private readonly parser = new SaxesParser({ position: true });
  private readonly onCase: (each: TestCase) => void;
  private readonly suites: Suite[] = [];
  private case: OpenCase | null = null;
  /** Takes the text of the innermost element that has one of interest. */
  private collect: { element: string; text: string } | null = null;
  /** A failure or error that is being read. */
  private problem: Problem | null = null;
  private depth = 0;
  private attributes = 0;
  private isJunit = false;
  private fault: ReportFault | null = null;

  constructor(onCase: (each: TestCase) => void) {
    this.onCase = onCase;
    this.parser.on('error', ({ message }) => this.faulty(message.replace(/^(undefined:)?\d+:\d+: /, '').replace(/\.$/, '')));
    this.parser.on('opentagstart', () => {
      this.attributes = 0;
    });
    this.parser.on('attribute', () => {
      if (++this.attributes > MAX_ATTRIBUTES) throw new Unreadable(`an element has more than ${MAX_ATTRIBUTES} attributes`);
    });
    this.parser.on('opentag', (tag) => this.open(tag as SaxesTagPlain));
    this.parser.on('closetag', ({ name }) => this.close(name));
    this.parser.on('text', (text) => this.text(text));
    this.parser.on('cdata', (text) => this.text(text));
  }

  get line(): number {
    return this.parser.line;
  }

  /** @returns false when nothing more can be read */
  write(text: string): boolean {
    return this.reading(() => {
      this.parser.write(text);
      this.keepSmall();
    });
  }

  /** What is wrong with the report as a whole; null: nothing. */
  end(): ReportFault | null {
    this.reading(() => {
      this.parser.close();
    });
    if (this.case) this.endCase(this.case);
    if (!this.isJunit) return { line: 1, why: 'it has no <testsuites> and no <testsuite>', more: 0 };
    return this.fault;
  }

  private reading(read: () => void): boolean {
    try {
      read();
      return true;
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      this.faulty(`${error.message}; the rest is not read`);
      return false;
    }
  }

  private faulty(why: string): void {
    if (this.fault) this.fault.more++;
    else this.fault = { line: this.parser.line, why, more: 0 };
  }

  /** The parser gathers each text and name until it ends, however long it gets. Of texts only the beginning is of interest. */
  private keepSmall(): void {
    const gathered = this.parser as unknown as Record<'text' | 'name' | 'entity' | 'piTarget', string>;
    if (gathered.text.length > 4 * MAX_OUTPUT_BYTES) gathered.text = shorten(gathered.text, 2 * MAX_OUTPUT_BYTES);
    if (gathered.name.length + gathered.entity.length + gathered.piTarget.length > MAX_MARKUP_CHARACTERS)
      throw new Unreadable(`a name has more than ${MAX_MARKUP_CHARACTERS} characters`);
  }

  private open({ name, attributes }: SaxesTagPlain): void {
    if (++this.depth > MAX_DEPTH) throw new Unreadable(`elements are nested more than ${MAX_DEPTH} deep`);
    if (name === 'testsuites' || name === 'testsuite') this.isJunit = true;
    if (name === 'testsuite') this.suites.push(suiteOf(attributes, this.suites.at(-1)));
    else if (name === 'testcase') {
      if (this.case) this.endCase(this.case);
      this.case = { attributes, problems: [], skipped: null, printed: [] };
    } else if (name === 'failure' || name === 'error') {
      this.problem = { message: attributes.message ?? '', text: '' };
      this.collect = { element: name, text: '' };
    } else if (name === 'skipped' && this.case) {
      this.case.skipped = { message: attributes.message ?? '', text: '' };
      this.collect = { element: name, text: '' };
    } else if ((name === 'system-out' || name === 'system-err') && this.case) this.collect = { element: name, text: '' };
  }

  private text(text: string): void {
    const { collect } = this;
    if (collect && collect.text.length < MAX_OUTPUT_BYTES) collect.text += shorten(text, MAX_OUTPUT_BYTES);
  }

  private close(name: string): void {
    this.depth--;
    if (name === 'testcase' && this.case) this.endCase(this.case);
    else if (name === 'testsuite') this.endSuite();
    if (this.collect?.element !== name) return;
    const text = this.collect.text.trim();
    this.collect = null;
    if (name === 'failure' || name === 'error') this.endProblem(text);
    else if (name === 'skipped' && this.case?.skipped) this.case.skipped.text = text;
    else if (text !== '') this.case?.printed.push(text);
  }

  private endProblem(text: string): void {
    const problem = { message: this.problem?.message ?? '', text };
    this.problem = null;
    if (this.case) this.case.problems.push(problem);
    else if (this.suites.length > 0) this.tellOfSuite(problem);
  }

  private endCase({ attributes, problems, skipped, printed }: OpenCase): void {
    this.case = null;
    const suite = this.suites.at(-1);
    const said = (attributes.result ?? attributes.status ?? '').toLowerCase();
    const status = (attributes.status ?? '').toLowerCase();
    const isSkipped = skipped !== null || SKIPPED.has(said) || SKIPPED.has(status);
    const state = problems.length > 0 ? 'failed' : isSkipped ? 'skipped' : FAILED.has(said) ? 'failed' : 'passed';
    this.emit({
      suite: nameOf(attributes.classname || suite?.name || ''),
      name: nameOf(attributes.name || '(no name)'),
      file: attributes.file ? nameOf(attributes.file) : (suite?.file ?? null),
      state,
      durationMs: durationMs(attributes.time ?? ''),
      message: messageOf(problems[0] ?? skipped),
      output: state === 'failed' ? outputOf([...problems.map(({ text }) => text), ...printed]) : null,
    });
  }

  /** An error of the suite itself, such as one in what comes before its tests. */
  private tellOfSuite(problem: Problem): void {
    const { name = '', file = null } = this.suites.at(-1) ?? {};
    const message = messageOf(problem);
    this.emit({ suite: name, name: SUITE_ITSELF, file, state: 'failed', durationMs: null, message, output: outputOf([problem.text]) });
  }

  private endSuite(): void {
    const suite = this.suites.at(-1);
    if (!suite) return;
    if (suite.told > 0 && suite.shown === 0) {
      const message = `The suite counts ${suite.told} errors and failures, but the report shows none of them.`;
      this.tellOfSuite({ message, text: '' });
    }
    this.suites.pop();
    const parent = this.suites.at(-1);
    if (parent) parent.shown += suite.shown;
  }

  private emit(each: TestCase): void {
    this.isJunit ||= this.suites.length > 0;
    const suite = this.suites.at(-1);
    if (suite && each.state === 'failed') suite.shown++;
    this.onCase(each);
  }
}

function suiteOf({ name, file, errors, failures }: Record<string, string>, parent: Suite | undefined): Suite {
  const told = count(errors) + count(failures);
  return { name: name ? nameOf(name) : (parent?.name ?? ''), file: file ? nameOf(file) : (parent?.file ?? null), told, shown: 0 };
}

const count = (text = ''): number => (/^\d{1,9}$/.test(text) ? Number(text) : 0);
const nameOf = (text: string): string => shorten(text, MAX_NAME_CHARACTERS);

function messageOf(problem: Problem | null | undefined): string | null {
  if (!problem) return null;
  return shorten(problem.message || problem.text.split('\n', 1)[0] || '', MAX_MESSAGE_CHARACTERS) || null;
}

/** What helps to understand a failure: its stack, then what the test printed. */
function outputOf(texts: readonly string[]): string | null {
  const bytes = Buffer.from(texts.filter(Boolean).join('\n\n'));
  if (bytes.length === 0) return null;
  // As a stream, so that a character which is cut in two is left out.
  return new TextDecoder().decode(bytes.subarray(0, MAX_OUTPUT_BYTES), { stream: true });
}

/**
 * Seconds, as people's tools write them: `0.123`, `0,123`, `1,234.5`, `1.234,5`, `1e-05`. A mark that stands there alone and once is the decimal mark.
 */
export function durationMs(time: string): number | null {
  const text = time.trim();
  const decimal = Math.max(text.lastIndexOf('.'), text.lastIndexOf(','));
  const mark = text[decimal] ?? '';
  const isDecimal = mark !== '' && text.indexOf(mark) === decimal;
  const whole = (isDecimal ? text.slice(0, decimal) : text).replaceAll(/[.,]/g, '');
  const number = isDecimal ? `${whole || '0'}.${text.slice(decimal + 1)}` : whole;
  const seconds = /^\d{1,15}(\.\d{0,20})?(e[+-]?\d{1,2})?$/i.test(number) ? Number(number) : Number.NaN;
  return seconds <= MAX_SECONDS ? Math.round(seconds * 1000) : null;
}

/** A longer time is not the duration of a test. */
const MAX_SECONDS = 1e9;
