import type { Database, Tx } from '../../platform/database.js';
import { newId } from '../../platform/ids.js';
import { hashSecret, newSecret } from '../../platform/secrets.js';
import type { Actor } from './actor.js';

export const SESSION_MS = 30 * 24 * 3600 * 1_000;

/**
 * A session is proved by two secrets. The cookie no script can read, but browsers send it to every port of the host, where applications that are deployed may listen,
 * and each of those can replace it. The key is in the page's own storage, which is of this port alone; either is worth nothing without the other.
 */
export type SessionProof = { cookie: string; key: string };

type SessionRow = { id: string; userId: string; isAdmin: boolean; expiresAt: Date };

/** Always creates a new session, whatever cookie the browser sent. Only hashes are stored. */
export async function openSession(tx: Tx, userId: string): Promise<SessionProof> {
  const proof = { cookie: newSecret(), key: newSecret() };
  await tx.query(
    `insert into sessions (id, user_id, secret_hash, key_hash, expires_at) values ($1, $2, $3, $4, now() + $5 * interval '1 ms')`,
    [newId(), userId, hashSecret(proof.cookie), hashSecret(proof.key), SESSION_MS],
  );
  await tx.query('delete from sessions where user_id = $1 and expires_at < now()', [userId]);
  return proof;
}

/**
 * @param cookies all that came by the name of the session's: another port may have added some, and the one that fits the key counts
 * @param key null: the one whose cookie alone is looked at, for what a browser fetches without a page
 */
export async function actorOfSession(database: Database, cookies: readonly string[], key: string | null): Promise<Actor | null> {
  const [row] = await database.query<SessionRow>(
    `select s.id, u.id as "userId", u.is_admin as "isAdmin", s.expires_at as "expiresAt"
     from sessions s join users u on u.id = s.user_id
     where s.secret_hash = any($1) and s.key_hash = coalesce($2, s.key_hash) and s.expires_at > now() limit 1`,
    [cookies.map(hashSecret), key === null ? null : hashSecret(key)],
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
