import type { Database, Tx } from '../../platform/database.js';
import { DomainError, notFound } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import { hashSecret, newSecret } from '../../platform/secrets.js';
import type { Actor } from './actor.js';

const PREFIX = 'slp_';
const LONGEST_NAME = 100;
const MOST_DAYS = 3_650;
const FOREVER_MS = Number.MAX_SAFE_INTEGER;

export type TokenView = { id: string; name: string; createdAt: Date; lastUsedAt: Date | null; expiresAt: Date | null };

const COLUMNS = 'id, name, created_at as "createdAt", last_used_at as "lastUsedAt", expires_at as "expiresAt"';

/** @param expiresInDays null: never. The secret is in this answer and nowhere else. */
export async function createToken(
  tx: Pick<Tx, 'query'>,
  token: { userId: string; name: string; expiresInDays: number | null; secret?: string },
): Promise<{ token: TokenView; secret: string }> {
  const name = token.name.trim();
  if (name === '' || name.length > LONGEST_NAME)
    throw new DomainError('bad_input', 'bad_token_name', `A token's name has 1 to ${LONGEST_NAME} characters. Say what it is for.`);
  const days = token.expiresInDays;
  if (days !== null && (days < 1 || days > MOST_DAYS)) {
    throw new DomainError(
      'bad_input',
      'bad_token_expiry',
      `A token lasts 1 to ${MOST_DAYS} days; leave expiresInDays out for one that does not expire.`,
    );
  }
  const secret = token.secret ?? PREFIX + newSecret();
  const [row] = await tx.query<TokenView>(
    `insert into tokens (id, user_id, name, secret_hash, expires_at) values ($1, $2, $3, $4, now() + $5::int * interval '1 day') returning ${COLUMNS}`,
    [newId(), token.userId, name, hashSecret(secret), days],
  );
  if (!row) throw new Error('A token that was inserted came back without its row.');
  return { token: row, secret };
}

export function revokeToken(database: Database, token: { id: string; userId: string }): Promise<void> {
  return database.transaction(async (tx) => {
    const rows = await tx.query('delete from tokens where id::text = $1 and user_id = $2 returning id', [token.id, token.userId]);
    if (rows.length === 0) throw notFound('token', token.id);
    tx.changed('user', token.userId);
  });
}

/** Newest first. */
export function tokensOf(database: Database, userId: string): Promise<TokenView[]> {
  return database.query<TokenView>(`select ${COLUMNS} from tokens where user_id = $1 order by id desc`, [userId]);
}

type TokenRow = { id: string; userId: string; isAdmin: boolean; expiresAt: Date | null; stale: boolean };

/** null: no such token, revoked or expired. Remembers the use, at most once a minute. */
export async function actorOfToken(database: Database, secret: string): Promise<Actor | null> {
  const [row] = await database.query<TokenRow>(
    `select t.id, u.id as "userId", u.is_admin as "isAdmin", t.expires_at as "expiresAt",
       t.last_used_at is null or t.last_used_at < now() - interval '1 minute' as stale
     from tokens t join users u on u.id = t.user_id where t.secret_hash = $1 and (t.expires_at is null or t.expires_at > now())`,
    [hashSecret(secret)],
  );
  if (!row) return null;
  if (row.stale) await database.query('update tokens set last_used_at = now() where id = $1', [row.id]);
  return {
    userId: row.userId,
    isAdmin: row.isAdmin,
    credential: { kind: 'token', id: row.id, expiresAtMs: row.expiresAt?.getTime() ?? FOREVER_MS },
  };
}
