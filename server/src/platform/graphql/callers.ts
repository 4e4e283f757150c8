import type { IncomingHttpHeaders } from 'node:http';
import type { Actor } from '../http/context.js';

/** Who stands behind a request, and whether they still may. */
export interface Callers {
  /** By bearer token, or by session cookie and key; null without either, or with a session that is over. A wrong token is a DomainError. */
  byHeaders(headers: IncomingHttpHeaders): Promise<Actor | null>;
  byToken(token: string): Promise<Actor>;
  /** `listener` runs when sessions, tokens or roles of the actor changed, and when a change may have been missed. Call the answer to stop. */
  onRightsChanged(actor: Actor, listener: () => void): () => void;
  /** Whether the session or token that the actor came with is still good. */
  stillHolds(actor: Actor): Promise<boolean>;
}
