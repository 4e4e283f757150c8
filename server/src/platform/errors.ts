import { shorten } from '@slipway/protocol';

/** The broad kind of a caller's fault; the edge maps it to an HTTP status and a GraphQL code. */
export type ErrorKind =
  | 'bad_input'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'too_large'
  | 'unsupported'
  | 'unavailable';

/**
 * A fault that the caller can understand and fix. `code` is stable and for programs; the message says what, why, and what to do now, and is shown
 * unchanged.
 */
export class DomainError extends Error {
  constructor(
    readonly kind: ErrorKind,
    readonly code: string,
    message: string,
    readonly details?: Record<string, unknown>,
  ) {
    super(message);
    this.name = 'DomainError';
  }
}

/** Longer than any name or id. */
const MAX_SHOWN_CHARACTERS = 300;

/** Input of a caller, as messages repeat it. */
export const asGiven = (text: string): string => shorten(text, MAX_SHOWN_CHARACTERS, '…');

export const notFound = (thing: string, id: string) =>
  new DomainError(
    'not_found',
    `${thing}_not_found`,
    `There is no ${thing} "${asGiven(id)}" that you may see. Check the name, or ask for access to its project.`,
  );
