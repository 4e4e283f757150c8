import type { IncomingHttpHeaders } from 'node:http';
import type { Actor } from '../http/context.js';

/** The header with the key that a page keeps beside its session cookie. */
export const SESSION_KEY_HEADER = 'x-slipway-session-key';

/** Identifies the caller of a request, and whether they still have access. */
export interface Callers {
  /** By bearer token, or by session cookie and key; null without either, or with a session that is over. A wrong token is a DomainError. */
  byHeaders(headers: IncomingHttpHeaders): Promise<Actor | null>;
  /**
   * The same for what a browser sends by itself, which is without the key: when it follows a link to a file, or opens a web socket. Other ports of the host
   * can send as much, so nothing is changed, nor listed, for whom this is enough.
   */
  byHeadersAlone(headers: IncomingHttpHeaders): Promise<Actor | null>;
  byToken(token: string): Promise<Actor>;
  /** `listener` runs when sessions, tokens or roles of the actor changed, and when a change may have been missed. Call the answer to stop. */
  onRightsChanged(actor: Actor, listener: () => void): () => void;
  /** Whether the session or token that the actor came with is still good. */
  stillHolds(actor: Actor): Promise<boolean>;
}
