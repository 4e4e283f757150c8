import { randomBytes, randomUUID } from 'node:crypto';
import type { Report, TestCaseResult } from '@slipway/protocol';
import { expect, it } from 'vitest';
import { AttemptReports } from './attempt-reports.js';
import { NOT_SENDABLE, RequestRefused } from './server-link.js';

const aCase: TestCaseResult = { suite: 's', name: 'n', file: null, state: 'failed', durationMs: 1, message: null, output: null };

it('hides secrets in what a test printed and in why a job failed', async () => {
  const sent: Report['event'][] = [];
  const reports = new AttemptReports({
    attempt: randomUUID(),
    number: 1,
    key: randomBytes(32),
    agentId: randomUUID(),
    masked: (text) => text.replaceAll('s3cret', '***'),
    send: async ({ event }) => sent.push(event),
    onRefused: (error) => expect.fail(String(error)),
  });
  reports.report({
    kind: 'tests',
    cases: [aCase, { ...aCase, name: 'n s3cret', message: 'm s3cret', output: 'o s3cret', file: 's3cret' }],
  });
  const outcome = { kind: 'failed', reason: 'artifact_invalid', message: 'a link to s3cret', step: null, exitCode: null } as const;
  reports.report({ kind: 'finished', outcome, lastChunk: 0, lines: 0 });
  await reports.delivered();
  expect(sent[0]).toMatchObject({ cases: [aCase, { name: 'n ***', message: 'm ***', output: 'o ***', file: '***' }] });
  expect(sent[1]).toMatchObject({ outcome: { reason: 'artifact_invalid', message: 'a link to ***' } });
  expect(JSON.stringify(sent)).not.toContain('s3cret');
});

it('says no more of a failure than a report holds', async () => {
  const sent: Report['event'][] = [];
  const reports = reporting(async ({ event }) => sent.push(event));
  reports.report({
    kind: 'finished',
    outcome: { kind: 'error', reason: 'agent_failed', message: '😀'.repeat(2e6) },
    lastChunk: 0,
    lines: 0,
  });
  await reports.delivered();
  expect(Buffer.byteLength(JSON.stringify(sent[0]))).toBeLessThan(40_000);
});

it.each([
  [{ kind: 'passed' } as const, { kind: 'failed', reason: 'report_not_sent', message: expect.stringContaining('It is too large') }],
  [
    { kind: 'failed', reason: 'exit_code', message: 'Step 1 failed.', step: 'test', exitCode: 1 } as const,
    { kind: 'failed', reason: 'exit_code', message: expect.stringMatching(/^Step 1 failed\. Not everything .* It is too large\.$/) },
  ],
  [{ kind: 'timed_out' } as const, { kind: 'timed_out' }],
])('leaves out what can never be sent, numbers the rest without a gap, and says so in the outcome', async (outcome, expected) => {
  const sent: Report[] = [];
  const reports = reporting(async (report) => {
    if (JSON.stringify(report).length > 1_000) throw new RequestRefused(NOT_SENDABLE, 'It is too large.');
    sent.push(report);
  });
  reports.report({ kind: 'tests', cases: [aCase] });
  reports.report({ kind: 'tests', cases: [{ ...aCase, output: 'x'.repeat(1_000) }] });
  reports.report({ kind: 'tests', cases: [aCase] });
  reports.report({ kind: 'finished', outcome, lastChunk: 0, lines: 0 });
  await reports.delivered();
  expect(sent.map(({ n }) => n)).toEqual([0, 1, 2]);
  expect(sent[2]?.event).toMatchObject({ kind: 'finished', outcome: expected });
});

const reporting = (send: (report: Report) => Promise<unknown>): AttemptReports =>
  new AttemptReports({
    attempt: randomUUID(),
    number: 1,
    key: randomBytes(32),
    agentId: randomUUID(),
    masked: (text) => text,
    send,
    onRefused: (error) => expect.fail(String(error)),
  });
