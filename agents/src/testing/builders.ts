import { randomBytes, randomUUID } from 'node:crypto';
import type { Work, WorkStep } from '@slipway/protocol';
import { decodeLogChunk } from '@slipway/protocol';
import { type AttemptLog, openAttemptLog } from '../logs/attempt-log.js';
import { JOB_TOKEN } from './http-server.js';

export const aStep = (run: string, changes: Partial<WorkStep> = {}): WorkStep => ({
  name: run.slice(0, 40),
  run,
  shell: null,
  env: {},
  workingDirectory: '.',
  ...changes,
});

export const aWork = (changes: Partial<Work> = {}): Work => ({
  attempt: randomUUID(),
  number: 1,
  key: randomBytes(32).toString('base64'),
  token: JOB_TOKEN,
  kind: 'build',
  jobId: randomUUID(),
  jobName: 'build',
  runId: randomUUID(),
  runNumber: 1,
  project: 'sample',
  timeoutMs: 60_000,
  checkout: null,
  needs: [],
  env: {},
  secrets: {},
  steps: [],
  artifacts: [],
  reports: { tests: [] },
  limits: { cpuCores: null, memoryMib: null, processes: 512 },
  log: { maxLineBytes: 65_536, maxBytes: 1_000_000 },
  deploy: null,
  ...changes,
});

/** A real log whose chunks come back as text instead of travelling. */
export async function aLog(spoolDir: string, work: Work): Promise<{ log: AttemptLog; text(): string }> {
  const chunks = new Map<number, string>();
  const publish = async (_subject: string, body: Uint8Array): Promise<void> => {
    const chunk = decodeLogChunk(body);
    if (chunk.times.length > 0) chunks.set(chunk.n, (chunk.startsInsideLine ? '' : '\n') + chunk.text);
  };
  const log = await openAttemptLog({
    attempt: work.attempt,
    number: work.number,
    key: Buffer.from(work.key, 'base64'),
    agentId: randomUUID(),
    secrets: Object.values(work.secrets),
    limits: work.log,
    spoolDir,
    publish,
  });
  return {
    log,
    text: () =>
      [...chunks.entries()]
        .sort(([a], [b]) => a - b)
        .map(([, text]) => text)
        .join(''),
  };
}
