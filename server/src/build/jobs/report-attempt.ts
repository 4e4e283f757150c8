import { type AttemptEvent, macMatches, Report, type Reported, subjects, type TestCaseResult, type TestCounts } from '@slipway/protocol';
import type { Database, Tx } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';
import { jsonb } from '../../platform/storable.js';
import type { DeployGate } from '../runs/ports.js';
import { endAttempt } from './end-attempt.js';
import { lockJob } from './job-rows.js';

export type ReportDeps = {
  database: Database;
  gate: DeployGate;
  /** Something stale, foreign or forged was refused. */
  audit(event: { agentId: string; attempt: string; why: string }): void;
};

/** Whatever a hostile agent says. */
const MOST_COUNTED = 1_000_000_000;

type Held = { job_id: string; agent_id: string; number: string; key: Buffer; state: string; next_report: number };

/**
 * One event of an attempt. Numbers make it happen once: a repeated one is answered with success and does nothing,
 * a gap is refused, and so is whatever comes from an agent that does not hold the attempt.
 */
export function reportAttempt(deps: ReportDeps, agentId: string, payload: unknown): Promise<Reported> {
  const report = Report.parse(payload);
  return deps.database.transaction(async (tx) => {
    const held = await check(deps, tx, agentId, report);
    if (report.n < held.next_report) return { ok: true };
    if (held.state !== 'running')
      throw refused(deps, agentId, report.attempt, 'ended', 'This attempt is over for the server. Stop it and pull the next one.');
    if (report.n > held.next_report) {
      throw new DomainError('unavailable', 'report_gap', `Report ${report.n} came before report ${held.next_report}. Send that one first.`);
    }
    await apply(deps, tx, held, report.attempt, report.event);
    await tx.query('update attempts set next_report = $2 where id = $1', [report.attempt, report.n + 1]);
    return { ok: true };
  });
}

/** Run before attempt, as everywhere, so that locks are taken in one order. */
async function check(deps: ReportDeps, tx: Tx, agentId: string, report: Report): Promise<Held> {
  const [known] = await tx.query<{ job_id: string }>('select job_id from attempts where id = $1', [report.attempt]);
  if (known && report.event.kind === 'finished') await lockJob(tx, known.job_id);
  const [held] = await tx.query<Held>('select job_id, agent_id, number, key, state, next_report from attempts where id = $1 for update', [
    report.attempt,
  ]);
  if (!held || held.agent_id !== agentId || Number(held.number) !== report.number) {
    throw refused(deps, agentId, report.attempt, 'foreign', 'This attempt is not held by this agent. Drop it.');
  }
  if (!macMatches(report.mac, held.key, subjects.request(agentId, 'report'), report.number, report.n)) {
    throw refused(deps, agentId, report.attempt, 'forged', 'The MAC of this report is wrong. Drop the attempt.');
  }
  return held;
}

function refused(deps: ReportDeps, agentId: string, attempt: string, why: string, message: string): DomainError {
  deps.audit({ agentId, attempt, why });
  return new DomainError('conflict', `report_${why}`, message);
}

async function apply(deps: ReportDeps, tx: Tx, held: Held, attempt: string, event: AttemptEvent): Promise<void> {
  switch (event.kind) {
    case 'step_started':
      await tx.query('insert into steps (attempt_id, index, name, line) values ($1, $2, $3, $4) on conflict do nothing', [
        attempt,
        event.index,
        event.name,
        event.line,
      ]);
      break;
    case 'step_finished':
      await tx.query(
        'update steps set exit_code = $3, duration_ms = $4, finished_at = clock_timestamp() where attempt_id = $1 and index = $2',
        [attempt, event.index, event.exitCode, event.durationMs],
      );
      break;
    case 'tests':
      await insertTestCases(tx, held.job_id, attempt, event.cases);
      if (event.onlyCounted) await addCounts(tx, attempt, event.onlyCounted);
      break;
    case 'finished': {
      const job = await lockJob(tx, held.job_id);
      if (job) await endAttempt(tx, deps.gate, job, attempt, event.outcome, { lastChunk: event.lastChunk });
      break;
    }
  }
  tx.changed('job', held.job_id);
}

async function addCounts(tx: Tx, attempt: string, { passed, failed, skipped }: TestCounts): Promise<void> {
  await tx.query(
    `update attempts set only_counted_passed = least(only_counted_passed::bigint + $2, ${MOST_COUNTED}),
       only_counted_failed = least(only_counted_failed::bigint + $3, ${MOST_COUNTED}), only_counted_skipped = least(only_counted_skipped::bigint + $4, ${MOST_COUNTED})
     where id = $1`,
    [attempt, passed, failed, skipped],
  );
}

async function insertTestCases(tx: Tx, jobId: string, attempt: string, cases: TestCaseResult[]): Promise<void> {
  await tx.query(
    `insert into test_cases (job_id, attempt_id, suite, name, file, state, duration_ms, message, output)
     select $1, $2, c.suite, c.name, c.file, c.state, c."durationMs", c.message, c.output
     from jsonb_to_recordset($3::jsonb) as c(suite text, name text, file text, state text, "durationMs" float8, message text, output text)`,
    [jobId, attempt, jsonb(cases)],
  );
}
