import type { LogMark } from '@slipway/protocol';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Json, LogTimes } from '../../platform/graphql/scalars.js';
import type { LogView } from './read-log.js';

@ObjectType('LogLines', { description: 'Consecutive lines of a log, columnar: never a record for each line.' })
export class LogLinesType implements Omit<LogView, 'next'> {
  @Field(() => ID, { nullable: true, description: 'The attempt whose log it is; null while the job has none.' })
  attemptId!: string | null;

  @Field(() => Int, { description: 'Line of the first piece, from 0.' })
  firstLine!: number;

  @Field(() => Int, { description: 'How many lines these pieces belong to.' })
  lineCount!: number;

  @Field(() => String, {
    description:
      'The lines, joined by line feeds, without a last one. Each switches its colours on itself (ANSI escape sequences). A first piece that begins with a carriage return stands in place of what was sent of its line: a progress bar has moved.',
  })
  text!: string;

  @Field(() => LogTimes, { description: 'When each was printed.' })
  times!: number[];

  @Field(() => Boolean, { description: 'The first piece continues line `firstLine`, whose beginning was sent before.' })
  startsInsideLine!: boolean;

  @Field(() => Json, { description: 'Where steps begin and end (`step`, `step_end`) and which lines are not output (`notice`), by line.' })
  marks!: LogMark[];

  @Field(() => Boolean, { description: 'The log has ended and these lines reach its end.' })
  complete!: boolean;

  @Field(() => Int, { description: 'Lines known at this moment.' })
  totalLines!: number;
}
