import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { GraphQLJSON } from 'graphql-scalars';

/** ISO 8601 in UTC. Postgres' times arrive as Date, times within JSON as text. */
export const DateTime = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description: 'A point in time, as ISO 8601 text in UTC, e.g. 2026-01-31T12:00:00.000Z.',
  serialize: (value) => asDate(value).toISOString(),
  parseValue: asDate,
  parseLiteral: (node) => asDate(node.kind === Kind.STRING ? node.value : null),
});

/** Any JSON value, for data without a fixed shape. */
export const Json = GraphQLJSON;
Json.name = 'JSON';

/** Times of log lines in milliseconds since the epoch. Passed through as it is: a list type would be walked number by number. */
export const LogTimes = new GraphQLScalarType<number[], number[]>({
  name: 'LogTimes',
  description: 'A list of times in milliseconds since the epoch, one for each line.',
  serialize: (value) => value as number[],
});

function asDate(value: unknown): Date {
  const date = value instanceof Date ? value : new Date(typeof value === 'string' || typeof value === 'number' ? value : Number.NaN);
  if (Number.isNaN(date.getTime()))
    throw new GraphQLError(`"${String(value)}" is not a point in time. Write it as ISO 8601, e.g. 2026-01-31T12:00:00Z.`);
  return date;
}
