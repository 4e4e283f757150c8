import type { IncomingHttpHeaders } from 'node:http';
import type { Changes } from '../../platform/changes.js';
import type { Database } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';
import { type Callers, SESSION_KEY_HEADER } from '../../platform/graphql/callers.js';
import type { Actor } from './actor.js';
import { actorOfSession } from './session.js';
import type { SessionCookie } from './session-cookie.js';
import { actorOfToken } from './token.js';

/** Identifies callers. */
export class Authenticator implements Callers {
  constructor(
    private readonly database: Database,
    private readonly changes: Changes,
    private readonly cookie: SessionCookie,
  ) {}

  /** Bearer token, Basic with a token as password, or session cookie and key. A wrong token is an error, not "nobody": its owner must hear of it. */
  async byHeaders(headers: IncomingHttpHeaders): Promise<Actor | null> {
    const { authorization } = headers;
    if (authorization !== undefined) return this.byToken(bearerToken(authorization) ?? basicPassword(authorization) ?? '');
    const key = headers[SESSION_KEY_HEADER];
    return typeof key === 'string' ? this.bySession(headers, key) : null;
  }

  async byHeadersAlone(headers: IncomingHttpHeaders): Promise<Actor | null> {
    return headers.authorization === undefined ? this.bySession(headers, null) : this.byHeaders(headers);
  }

  async byToken(token: string): Promise<Actor> {
    const actor = await actorOfToken(this.database, token);
    if (actor) return actor;
    throw new DomainError(
      'unauthenticated',
      'bad_token',
      'This token is unknown, expired or revoked. Make a new one on the page under Account, and send it as "Authorization: Bearer slp_…".',
    );
  }

  /** For Git: Basic with any user name and a token as password, or a bearer token. null: no such token, or another kind of header. */
  async authenticate(authorization: string | undefined): Promise<Actor | null> {
    const token = authorization === undefined ? null : (basicPassword(authorization) ?? bearerToken(authorization));
    return token ? actorOfToken(this.database, token) : null;
  }

  onRightsChanged(actor: Actor, listener: () => void): () => void {
    return this.changes.watch('user', actor.userId, listener);
  }

  async stillHolds(actor: Actor): Promise<boolean> {
    const { credential } = actor;
    if (!credential) return true;
    const table = credential.kind === 'session' ? 'sessions' : 'tokens';
    const rows = await this.database.query(
      `select 1 from ${table} c join users u on u.id = c.user_id
       where c.id = $1 and u.is_admin = $2 and (c.expires_at is null or c.expires_at > now())`,
      [credential.id, actor.isAdmin],
    );
    return rows.length > 0;
  }

  private async bySession(headers: IncomingHttpHeaders, key: string | null): Promise<Actor | null> {
    const cookies = this.cookie.valuesIn(headers.cookie);
    return cookies.length === 0 ? null : actorOfSession(this.database, cookies, key);
  }
}

function bearerToken(authorization: string): string | null {
  return authorization.match(/^Bearer +(\S+)$/i)?.[1] ?? null;
}

function basicPassword(authorization: string): string | null {
  const encoded = authorization.match(/^Basic +(\S+)$/i)?.[1];
  if (!encoded) return null;
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon < 0 ? null : pair.slice(colon + 1);
}
