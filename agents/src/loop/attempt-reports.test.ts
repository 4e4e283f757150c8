import { randomBytes, randomUUID } from 'node:crypto';
import type { Report, TestCaseResult } from '@slipway/protocol';
import { expect, it } from 'vitest';
import { AttemptReports } from './attempt-reports.js';

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
