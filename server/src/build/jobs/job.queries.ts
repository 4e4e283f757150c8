import type { TestCounts } from '@slipway/protocol';
import { type JobKind } from '@slipway/protocol';
import type { Database } from '../../platform/database.js';
import { manyEach, oneEach } from '../../platform/graphql/batch.js';
import type { JobState } from './job-state.js';

export type JobView = {
  id: string;
  runId: string;
  projectId: string;
  name: string;
  kind: JobKind;
  state: JobState;
  reason: string | null;
  message: string | null;
  needs: string[];
  position: number;
  retryOf: string | null;
  isCurrent: boolean;
  timeoutMs: number;
  environmentId: string | null;
  createdAt: Date;
  queuedAt: Date | null;
  startedAt: Date | null;
  finishedAt: Date | null;
};

export type StepView = {
  jobId: string;
  index: number;
  name: string;
  line: number;
  startedAt: Date;
  exitCode: number | null;
  durationMs: number | null;
};
export type AttemptView = {
  id: string;
  jobId: string;
  agentId: string;
  number: number;
  state: string;
  outcome: unknown;
  createdAt: Date;
  endedAt: Date | null;
};
/** `onlyCounted`: those of them of which nothing but their number is known. */
export type TestSummaryView = TestCounts & { onlyCounted: TestCounts };
export type TestCaseView = {
  id: string;
  jobId: string;
  suite: string;
  name: string;
  file: string | null;
  state: string;
  durationMs: number | null;
  message: string | null;
  output: string | null;
};

const COLUMNS = `id, run_id as "runId", project_id as "projectId", name, kind, state, reason, message, needs, position, retry_of as "retryOf",
  is_current as "isCurrent", timeout_ms as "timeoutMs", environment_id as "environmentId", created_at as "createdAt", queued_at as "queuedAt",
  started_at as "startedAt", finished_at as "finishedAt"`;

/** The attempt whose steps and tests stand for the job: its newest. */
const NEWEST_ATTEMPTS = `select distinct on (job_id) id, job_id from attempts where job_id = any($1) order by job_id, number desc`;

const SAMPLE = 10;

/** Read models of jobs; everything takes many ids, for one round trip a level. */
export class JobQueries {
  constructor(private readonly database: Database) {}

  async byIds(ids: readonly string[]): Promise<(JobView | null)[]> {
    const rows = await this.database.query<JobView>(`select ${COLUMNS} from jobs where id = any($1)`, [ids]);
    return oneEach(ids, rows, (row) => row.id);
  }

  async byId(id: string): Promise<JobView | null> {
    return (await this.byIds([id]))[0] ?? null;
  }

  async ofRuns(runIds: readonly string[]): Promise<JobView[][]> {
    const rows = await this.database.query<JobView>(`select ${COLUMNS} from jobs where run_id = any($1) and is_current order by position`, [
      runIds,
    ]);
    return manyEach(runIds, rows, (row) => row.runId);
  }

  /** Those that were retried, newest first. */
  async retriedOfRuns(runIds: readonly string[]): Promise<JobView[][]> {
    const rows = await this.database.query<JobView>(
      `select ${COLUMNS} from jobs where run_id = any($1) and not is_current order by id desc`,
      [runIds],
    );
    return manyEach(runIds, rows, (row) => row.runId);
  }

  async steps(jobIds: readonly string[]): Promise<StepView[][]> {
    const rows = await this.database.query<StepView>(
      `select a.job_id as "jobId", s.index, s.name, s.line, s.started_at as "startedAt", s.exit_code as "exitCode", s.duration_ms as "durationMs"
       from (${NEWEST_ATTEMPTS}) a join steps s on s.attempt_id = a.id order by s.index`,
      [jobIds],
    );
    return manyEach(jobIds, rows, (row) => row.jobId);
  }

  async attempts(jobIds: readonly string[]): Promise<AttemptView[][]> {
    const rows = await this.database.query<AttemptView>(
      `select id, job_id as "jobId", agent_id as "agentId", number::int, state, outcome, created_at as "createdAt", ended_at as "endedAt"
       from attempts where job_id = any($1) order by number`,
      [jobIds],
    );
    return manyEach(jobIds, rows, (row) => row.jobId);
  }

  async testSummaries(jobIds: readonly string[]): Promise<(TestSummaryView | null)[]> {
    const rows = await this.database.query<TestSummaryView & { jobId: string }>(
      `select job_id as "jobId", (stored.passed + only_counted_passed)::int as passed, (stored.failed + only_counted_failed)::int as failed,
         (stored.skipped + only_counted_skipped)::int as skipped,
         json_build_object('passed', only_counted_passed, 'failed', only_counted_failed, 'skipped', only_counted_skipped) as "onlyCounted"
       from (${NEWEST_ATTEMPTS}) newest join attempts a using (id, job_id) cross join lateral
         (select count(*) filter (where state = 'passed') as passed, count(*) filter (where state = 'failed') as failed,
            count(*) filter (where state = 'skipped') as skipped from test_cases t where t.job_id = a.job_id and t.attempt_id = a.id) stored
       where stored.passed + stored.failed + stored.skipped + only_counted_passed + only_counted_failed + only_counted_skipped > 0`,
      [jobIds],
    );
    return oneEach(jobIds, rows, (row) => row.jobId);
  }

  /** In the order of the report. @param after id of the last one of the page before; null: from the first */
  failedTests(jobId: string, limit: number, after: string | null = null): Promise<TestCaseView[]> {
    return this.database.query<TestCaseView>(
      `select t.id, t.job_id as "jobId", t.suite, t.name, t.file, t.state, t.duration_ms as "durationMs", t.message, t.output
       from (${NEWEST_ATTEMPTS}) a join test_cases t on t.job_id = a.job_id and t.attempt_id = a.id where t.state = 'failed' and ($3::bigint is null or t.id > $3) order by t.id limit $2`,
      [[jobId], limit, after],
    );
  }

  /** Median time of the last successful jobs of that name in the same repository, in milliseconds. */
  async expectedMs(jobIds: readonly string[]): Promise<(number | null)[]> {
    const rows = await this.database.query<{ id: string; ms: number | null }>(
      `select j.id, (select round(percentile_cont(0.5) within group (order by extract(epoch from e.finished_at - e.started_at) * 1000))::int
         from (select f.started_at, f.finished_at from runs v join jobs f on f.run_id = v.id and f.name = j.name
               where v.repository_id = u.repository_id and f.state = 'succeeded' and v.id < u.id order by v.id desc limit ${SAMPLE}) e) as ms
       from jobs j join runs u on u.id = j.run_id where j.id = any($1)`,
      [jobIds],
    );
    return oneEach(jobIds, rows, (row) => row.id).map((row) => row?.ms ?? null);
  }
}
