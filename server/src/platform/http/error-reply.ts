import { randomUUID } from 'node:crypto';
import { shorten } from '@slipway/protocol';
import type { FastifyBaseLogger } from 'fastify';
import { GraphQLError } from 'graphql';
import { DomainError, type ErrorKind } from '../errors.js';

const STATUS_OF: Record<ErrorKind, number> = {
  bad_input: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  unsupported: 415,
  unavailable: 503,
};

/** Messages repeat what was given, and one request may be wrong in many places. */
const MAX_MESSAGE_CHARACTERS = 4_000;
export const shownMessage = (message: string): string => shorten(message, MAX_MESSAGE_CHARACTERS, '…');

/** The log for unexpected errors. */
export type ErrorLog = Pick<FastifyBaseLogger, 'warn' | 'error'>;

/** What a caller sees of an error, on every transport. */
export type ShownError = { code: string; kind: ErrorKind | 'internal'; message: string; details?: Record<string, unknown> };

/**
 * The one place where errors become words for the caller. A DomainError is shown as it is; anything else is ours: logged
 * under an id, and shown as that id.
 */
export function showError(error: unknown, log: ErrorLog): ShownError {
  const known = knownError(error);
  if (known) {
    if (!(error instanceof DomainError)) log.warn({ err: error }, LOGGED[known.code] ?? known.message);
    return known;
  }
  const errorId = randomUUID();
  log.error({ err: error, 'error.id': errorId }, 'unexpected error');
  return {
    code: 'internal_error',
    kind: 'internal',
    message: `Something went wrong on the server. Its log says more under the id ${errorId}. Give this id to whoever runs this Slipway.`,
  };
}

const LOGGED: Record<string, string> = {
  bad_id: 'a value from the caller is not an id',
  bad_text: "a text from the caller can't be stored",
  unavailable: "the database can't be reached",
};

function knownError(error: unknown): ShownError | null {
  if (error instanceof DomainError) {
    return {
      code: error.code,
      kind: error.kind,
      message: shownMessage(error.message),
      ...(error.details ? { details: error.details } : {}),
    };
  }
  if (isMalformed(error)) {
    return {
      code: 'bad_id',
      kind: 'bad_input',
      message: 'An id or a cursor in this request is malformed. Use it exactly as you received it.',
    };
  }
  if (holdsNul(error)) {
    return {
      code: 'bad_text',
      kind: 'bad_input',
      message: "A text contains a NUL character or is not valid UTF-8, so it can't be stored. Remove what is invalid.",
    };
  }
  if (isDatabaseAway(error)) {
    return {
      code: 'unavailable',
      kind: 'unavailable',
      message: "The database can't be reached right now. Nothing was changed. Try again in a moment.",
    };
  }
  return null;
}

export const statusOf = (shown: Pick<ShownError, 'kind'>): number => (shown.kind === 'internal' ? 500 : STATUS_OF[shown.kind]);

/** The HTTP status for what was thrown. GraphQL's own complaints are the caller's faults. */
export function statusOfError(error: unknown): number {
  if (error instanceof GraphQLError) return error.originalError ? statusOfError(error.originalError) : STATUS_OF.bad_input;
  return statusOf(knownError(error) ?? { kind: 'internal' });
}

/** Postgres' invalid_text_representation: what should be an id is none, and names nothing. */
const isMalformed = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === '22P02';

/** Postgres' character_not_in_repertoire, and untranslatable_character for JSON: texts come from callers alone. */
const holdsNul = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === '22021' || error.code === '22P05');

/** Postgres says that it goes down, is starting, or lost the connection: https://www.postgresql.org/docs/current/errcodes-appendix.html (classes 08 and 57P). */
const POSTGRES_AWAY = /^(08\w{3}|57P0[123])$/;
const LOST_CONNECTION = /Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect/;

function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isDatabaseAway);
  if ('driverError' in error && error.driverError !== error) return isDatabaseAway(error.driverError);
  if ('syscall' in error && error.syscall === 'connect') return true;
  return ('code' in error && POSTGRES_AWAY.test(String(error.code))) || LOST_CONNECTION.test(error.message);
}
