import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { type ErrorLog, showError, shownMessage } from '../http/error-reply.js';

/**
 * An error as every GraphQL caller gets it, over HTTP and web sockets: faults of the operation as they are (their code is Apollo's or one of the limits'),
 * what a resolver threw by `showError`, with `extensions.code` and `extensions.kind`.
 */
export function formatError(error: unknown, log: ErrorLog, development: boolean): GraphQLFormattedError {
  if (!(error instanceof GraphQLError)) return shown(error, {}, log);
  const place = { ...(error.path ? { path: error.path } : {}), ...(error.locations ? { locations: error.locations } : {}) };
  const cause = deepest(error);
  if (!(cause instanceof GraphQLError)) return shown(cause, place, log);
  const code = cause.extensions.code ?? error.extensions.code ?? 'BAD_REQUEST';
  const message = shownMessage(error.message);
  return { message: development ? message : withoutSuggestion(message), ...place, extensions: { code, kind: 'bad_input' } };
}

/** What was thrown first; a GraphQLError when GraphQL itself complains. Apollo wraps errors and puts a code of its own outside. */
function deepest(error: GraphQLError): unknown {
  let cause: unknown = error;
  while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError;
  return cause;
}

function shown(cause: unknown, place: Pick<GraphQLFormattedError, 'path' | 'locations'>, log: ErrorLog): GraphQLFormattedError {
  const { message, ...extensions } = showError(cause, log);
  return { message, ...place, extensions };
}

/** "Did you mean …" would tell names of the schema to those who may not read it. */
const withoutSuggestion = (message: string): string => message.replace(/ ?Did you mean [^?]*\?/g, '');
