import { DomainError } from '../../platform/errors.js';
import { actorOf, type GraphContext } from '../../platform/http/context.js';
import type { Actor } from './actor.js';

/**
 * The actor of a context behind `@Can`, for what a token may not do: whoever finds one must not get more out of it than it is, or keep it.
 * @throws DomainError
 */
export function bySession(context: GraphContext): Actor {
  const actor = actorOf(context);
  if (actor.credential?.kind === 'session') return actor;
  throw new DomainError(
    'forbidden',
    'needs_session',
    'A token can neither set a password nor make tokens. Sign in on the page and do it there, under Account.',
  );
}
