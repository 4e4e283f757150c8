import type { Database } from '../../platform/database.js';
import { oneEach } from '../../platform/graphql/batch.js';
import type { GraphContext } from '../../platform/http/context.js';
import type { StatusState } from '../code-hosts/status.js';

export type StatusReportView = {
  runId: string;
  sha: string;
  context: string;
  state: StatusState;
  description: string;
  isTold: boolean;
  sentAt: Date | null;
  error: string | null;
  nextTryAt: Date | null;
};

/** Read models of what hosts are told. */
export class StatusReportQueries {
  constructor(private readonly database: Database) {}

  /** null: nothing is reported for the run, or a newer run of the same commit is reported instead. */
  ofRun(context: GraphContext, runId: string): Promise<StatusReportView | null> {
    return context.loader('run.statusReport', (ids: readonly string[]) => this.ofRuns(ids)).load(runId);
  }

  private async ofRuns(runIds: readonly string[]): Promise<(StatusReportView | null)[]> {
    const rows = await this.database.query<StatusReportView>(
      `select run_id as "runId", sha, context, state, description, version <= sent_version as "isTold", sent_at as "sentAt", error,
         case when version > sent_version then next_try_at end as "nextTryAt"
       from commit_statuses where run_id = any($1)`,
      [runIds],
    );
    return oneEach(runIds, rows, (row) => row.runId);
  }
}
