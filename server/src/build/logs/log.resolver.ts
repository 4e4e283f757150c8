import { Arg, ID, Int, Query, Resolver, Root, Subscription } from 'type-graphql';
import { Can } from '../../people/access/can.js';
import type { GraphContext } from '../../platform/http/context.js';
import { LogLinesType } from './log.type.js';
import type { Logs } from './logs.js';
import type { LogView } from './read-log.js';

const ATTEMPT = { nullable: true, description: 'Id of one of its attempts; left out: the newest.' } as const;

type FollowArgs = { jobId: string; attemptId?: string | null; fromLine: number };

@Resolver()
export class LogResolver {
  constructor(private readonly logs: Logs) {}

  @Query(() => LogLinesType, { description: "Any range of lines of a job's log, finished or still growing." })
  @Can('project.read', { job: 'jobId' })
  jobLog(
    @Arg('jobId', () => ID) jobId: string,
    @Arg('fromLine', () => Int, { description: 'The first line to read, counted from 0; negative: counted from the end.' })
    fromLine: number,
    @Arg('count', () => Int, { defaultValue: 1000, description: 'How many lines at most, 1 to 20,000; fewer come if they are long.' })
    count: number,
    @Arg('attemptId', () => ID, ATTEMPT) attemptId?: string | null,
  ): Promise<LogView> {
    return this.logs.read(jobId, attemptId ?? null, fromLine, count);
  }

  @Subscription(() => LogLinesType, {
    name: 'jobLog',
    description: "A job's log from a given line on, then each line as it is printed. Ends after the batch that is `complete`.",
    subscribe: ({ context, args }) => (context as GraphContext).instanceOf(LogResolver).follow(args as FollowArgs),
  })
  @Can('project.read', { job: 'jobId' })
  jobLogFollowed(
    @Root() view: LogView,
    @Arg('jobId', () => ID) _jobId: string,
    @Arg('fromLine', () => Int, { defaultValue: 0, description: 'The first line to read, counted from 0; negative: counted from the end.' })
    _fromLine: number,
    @Arg('attemptId', () => ID, ATTEMPT) _attemptId?: string | null,
  ): LogView {
    return view;
  }

  follow({ jobId, attemptId, fromLine }: FollowArgs): AsyncIterableIterator<LogView> {
    return this.logs.follow(jobId, attemptId ?? null, fromLine);
  }
}
