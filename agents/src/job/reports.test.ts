import type { AttemptEvent, TestCaseResult, TestCounts } from '@slipway/protocol';
import { describe, expect, it } from 'vitest';
import { aWork } from '../testing/builders.js';
import { reportTests } from './reports.js';
import type { Workspace } from './workspace.js';
import type { ProgramRun } from './workspace-program.js';

const aCase = (changes: Partial<TestCaseResult> = {}): TestCaseResult => ({
  suite: 's',
  name: 'n',
  file: null,
  state: 'failed',
  durationMs: null,
  message: null,
  output: null,
  ...changes,
});
const lines = (...cases: TestCaseResult[]): Buffer => Buffer.from(cases.map((each) => `${JSON.stringify(each)}\n`).join(''));

/** What is reported and said when the job's program hands over this, in pieces of `length`. */
async function reported(bytes: Buffer, length = bytes.length, leftOut?: TestCounts) {
  const events: Extract<AttemptEvent, { kind: 'tests' }>[] = [];
  const notices: string[] = [];
  const run = async ({ onData }: Pick<ProgramRun, 'onData'>) => {
    for (let at = 0; at < bytes.length; at += length) await onData?.(bytes.subarray(at, at + length));
    return { kind: 'done', entries: 0, bytes: 0, leftOut };
  };
  await reportTests(aWork({ reports: { tests: ['*.xml'] } }), {
    workspace: { run } as unknown as Workspace,
    notice: (text) => notices.push(text),
    report: (event) => events.push(event as (typeof events)[number]),
    stop: new AbortController().signal,
  });
  return { events, notices, cases: events.flatMap(({ cases }) => cases) };
}

describe('reported test cases', () => {
  it('are the same however they come', async () => {
    const cases = [aCase({ name: 'é日😀' }), aCase({ output: 'a\nb' }), aCase()];
    for (const length of [1, 3, 1_000]) expect(await reported(lines(...cases), length)).toMatchObject({ cases, notices: [] });
  });

  it('fit into a message, whatever their characters take', async () => {
    for (const character of ['日', '\u0001', 'x']) {
      const { events, cases } = await reported(lines(...Array(40).fill(aCase({ output: character.repeat(21_000) }))), 65_536);
      expect(cases).toHaveLength(40);
      for (const event of events) expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThan(600 * 1024);
    }
  });

  it.each([
    ['a line without end', Buffer.alloc(600 * 1024, 'x'), 'too long'],
    ['no JSON', Buffer.from('{\n'), 'is not one'],
    ['something else', Buffer.from('{"name":"n"}\n'), 'is not one'],
  ])('end at %s, and those before are kept', async (_, bad, why) => {
    const { cases, notices } = await reported(Buffer.concat([lines(aCase()), bad]));
    expect(cases).toHaveLength(1);
    expect(notices).toEqual([expect.stringContaining(why)]);
  });

  it('are followed by the numbers of those that are not handed on', async () => {
    const leftOut = { passed: 540_000, failed: 0, skipped: 1 };
    const { events } = await reported(lines(aCase()), 1_000, leftOut);
    expect(events).toEqual([
      { kind: 'tests', cases: [aCase()] },
      { kind: 'tests', cases: [], onlyCounted: leftOut },
    ]);
    expect((await reported(lines(aCase()), 1_000, { passed: 0, failed: 0, skipped: 0 })).events).toHaveLength(1);
  });

  it('are so many and no more', async () => {
    const { cases } = await reported(Buffer.alloc(lines(aCase()).length * 100_010, lines(aCase())), 65_536);
    expect(cases).toHaveLength(100_000);
  });
});
