import type { LogMark } from '../build/logs/log-lines.ts';

export type FakeStep = { index: number; name: string; line: number; exitCode: number | null; durationMs: number | null };

/** A log whose lines are made when asked for, so that a million of them cost nothing to have. */
export class FakeLog {
  total: number;
  complete: boolean;
  readonly steps: FakeStep[];
  private readonly lineAt: (line: number) => string;
  private readonly startedMs: number;

  constructor(options: { total: number; complete: boolean; steps: FakeStep[]; startedMs: number; lineAt: (line: number) => string }) {
    this.total = options.total;
    this.complete = options.complete;
    this.steps = options.steps;
    this.lineAt = options.lineAt;
    this.startedMs = options.startedMs;
  }

  read(fromLine: number, count: number, attemptId: string | null) {
    const first = fromLine < 0 ? Math.max(0, this.total + fromLine) : Math.min(fromLine, this.total);
    const end = Math.min(this.total, first + Math.min(count, 20_000));
    const lines: string[] = [];
    const times: number[] = [];
    for (let line = first; line < end; line++) {
      lines.push(this.lineAt(line));
      times.push(this.startedMs + line * 7);
    }
    return {
      firstLine: first,
      lineCount: lines.length,
      text: lines.join('\n'),
      times,
      startsInsideLine: false,
      marks: this.marks(first, end),
      complete: this.complete && end === this.total,
      totalLines: this.total,
      attemptId,
    };
  }

  private marks(first: number, end: number): LogMark[] {
    return this.steps
      .filter((step) => step.line >= first && step.line < end)
      .map(({ index, name, line }) => ({ kind: 'step', index, name, line }));
  }
}

const ESC = '\u001b';

export function buildLine(line: number): string {
  if (line % 97 === 0) return `${ESC}[36m[webpack]${ESC}[0m ${ESC}[1mbuilding${ESC}[22m module ${line} ${ESC}[32m✓${ESC}[39m`;
  if (line % 1013 === 0) return `${ESC}[33mwarning${ESC}[39m: the option ${ESC}[4mlegacy${ESC}[24m is deprecated`;
  return `module ${String(line).padStart(7, '0')} compiled in ${(line * 37) % 91} ms, ${(line * 131) % 9973} bytes`;
}

const FAILING = [
  '$ npm test',
  '',
  '> hello@1.0.0 test',
  '> node --test --test-reporter=spec',
  '',
  '▶ greeting',
  `  ${ESC}[32m✔ says hello (0.8ms)${ESC}[39m`,
  `  ${ESC}[31m✖ says the name (1.2ms)${ESC}[39m`,
  '    AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:',
  `    ${ESC}[32m+ actual${ESC}[39m ${ESC}[31m- expected${ESC}[39m`,
  '',
  `    ${ESC}[32m+ 'Hello, undefined!'${ESC}[39m`,
  `    ${ESC}[31m- 'Hello, Ada!'${ESC}[39m`,
  '      at TestContext.<anonymous> (file:///workspace/test/greeting.test.js:14:10)',
  '<script>alert("inert")</script>',
  `${ESC}[38;2;255;140;0mtruecolor${ESC}[0m ${ESC}[48;5;24m 256 ${ESC}[0m ${ESC}[7minverse${ESC}[0m`,
  'progress 10%\rprogress 55%\rprogress 100%',
  'a long line '.repeat(60),
  '',
  `${ESC}[34mℹ tests 12${ESC}[39m`,
  `${ESC}[34mℹ pass 11${ESC}[39m`,
  `${ESC}[34mℹ fail 1${ESC}[39m`,
];

export function failingLog(startedMs: number): FakeLog {
  const install = Array.from({ length: 40 }, (_, index) => `added package-${index} in ${index * 3} ms`);
  const lines = ['$ npm ci', ...install, ...FAILING];
  return new FakeLog({
    total: lines.length,
    complete: true,
    startedMs,
    lineAt: (line) => lines[line] ?? '',
    steps: [
      { index: 0, name: 'npm ci', line: 0, exitCode: 0, durationMs: 4210 },
      { index: 1, name: 'npm test', line: 41, exitCode: 1, durationMs: 812 },
    ],
  });
}
