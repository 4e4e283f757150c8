import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { RunView } from '../../build/runs/run.queries.js';
import { RunType } from '../../build/runs/run.type.js';
import type { GraphContext } from '../../platform/http/context.js';
import { StatusReportType } from './commit-status.type.js';
import type { StatusReportQueries, StatusReportView } from './status-report.queries.js';

/** Whether the host knows how a run went. */
@Resolver(() => RunType)
export class RunStatusReportResolver {
  constructor(private readonly queries: StatusReportQueries) {}

  @FieldResolver(() => StatusReportType, {
    nullable: true,
    description: 'What the code host is told about it; null if there is no host, or if a newer run of the same commit is reported instead.',
  })
  statusReport(@Root() run: RunView, @Ctx() context: GraphContext): Promise<StatusReportView | null> {
    return this.queries.ofRun(context, run.id);
  }
}
