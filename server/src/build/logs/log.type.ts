import type { LogMark } from '@slipway/protocol';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Json, LogTimes } from '../../platform/graphql/scalars.js';
import type { LogView } from './read-log.js';

@ObjectType('LogLines', { description: 'Consecutive lines of a log, as columns instead of a record per line.' })
export class LogLinesType implements Omit<LogView, 'next'> {
  @Field(() => ID, { nullable: true, description: 'The attempt whose log it is; null while the job has none.' })
  attemptId!: string | null;

  @Field(() => Int, { description: 'Line of the first piece, counted from 0.' })
  firstLine!: number;

  @Field(() => Int, { description: 'How many lines these pieces belong to.' })
  lineCount!: number;

  @Field(() => String, {
    description:
      'The lines, joined by line feeds, without one at the end. Each line sets its own colours (ANSI escape sequences). A first piece that begins with a carriage return replaces what was sent of its line before, as when a progress bar moves.',
  })
  text!: string;

  @Field(() => LogTimes, { description: 'When each line was printed.' })
  times!: number[];

  @Field(() => Boolean, { description: 'Whether the first piece continues line `firstLine`, whose beginning was sent before.' })
  startsInsideLine!: boolean;

  @Field(() => Json, { description: 'Where steps begin and end (`step`, `step_end`) and which lines are not output (`notice`), by line.' })
  marks!: LogMark[];

  @Field(() => Boolean, { description: 'Whether the log has ended and these lines reach its end.' })
  complete!: boolean;

  @Field(() => Int, { description: 'How many lines the log has at this moment.' })
  totalLines!: number;
}
