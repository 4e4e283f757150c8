import type { Database, Tx } from '../../platform/database.js';
import { newId } from '../../platform/ids.js';
import { hashSecret, newSecret } from '../../platform/secrets.js';
import type { Actor } from './actor.js';

export const SESSION_COOKIE = 'slipway_session';
export const SESSION_MS = 30 * 24 * 3600 * 1_000;

type SessionRow = { id: string; userId: string; isAdmin: boolean; expiresAt: Date };

/** The answer is the cookie's value; only its hash is stored. */
export async function openSession(tx: Tx, userId: string): Promise<string> {
  const secret = newSecret();
  await tx.query(`insert into sessions (id, user_id, secret_hash, expires_at) values ($1, $2, $3, now() + $4 * interval '1 ms')`, [
    newId(),
    userId,
    hashSecret(secret),
    SESSION_MS,
  ]);
  await tx.query('delete from sessions where user_id = $1 and expires_at < now()', [userId]);
  return secret;
}

export async function actorOfSession(database: Database, secret: string): Promise<Actor | null> {
  const [row] = await database.query<SessionRow>(
    `select s.id, u.id as "userId", u.is_admin as "isAdmin", s.expires_at as "expiresAt"
     from sessions s join users u on u.id = s.user_id where s.secret_hash = $1 and s.expires_at > now()`,
    [hashSecret(secret)],
  );
  if (!row) return null;
  return { userId: row.userId, isAdmin: row.isAdmin, credential: { kind: 'session', id: row.id, expiresAtMs: row.expiresAt.getTime() } };
}

/** Harmless when repeated. */
export function endSession(database: Database, session: { id: string; userId: string }): Promise<void> {
  return database.transaction(async (tx) => {
    await tx.query('delete from sessions where id = $1 and user_id = $2', [session.id, session.userId]);
    tx.changed('user', session.userId);
  });
}

/** After a new password: whoever else was signed in as this user no longer is. */
export async function endOtherSessions(tx: Tx, userId: string, keptSessionId: string | null): Promise<void> {
  await tx.query('delete from sessions where user_id = $1 and id is distinct from $2', [userId, keptSessionId]);
  tx.changed('user', userId);
}
