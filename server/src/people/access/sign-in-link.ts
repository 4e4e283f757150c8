import type { Tx } from '../../platform/database.js';
import { hashSecret, newSecret } from '../../platform/secrets.js';

const LINK_MS = 15 * 60 * 1_000;

/** Makes a link that signs in once, within a quarter of an hour; for a day it is known what became of it. The answer is its secret; `signInPath` makes the address of it. */
export async function createSignInLink(database: Pick<Tx, 'query'>, userId: string): Promise<string> {
  const secret = newSecret();
  await database.query(`delete from sign_in_links where expires_at < now() - interval '1 day'`);
  await database.query(`insert into sign_in_links (secret_hash, user_id, expires_at) values ($1, $2, now() + $3 * interval '1 ms')`, [
    hashSecret(secret),
    userId,
    LINK_MS,
  ]);
  return secret;
}

/** Where the page takes the secret. Our log leaves queries out, and the secret works once. */
export const signInPath = (secret: string): string => `/sign-in?link=${secret}`;

export type BadLink = 'used' | 'expired' | 'unknown';

/** The user, once; else what is wrong with the link. */
export async function redeemSignInLink(tx: Tx, secret: string): Promise<{ userId: string } | BadLink> {
  const [row] = await tx.query<{ userId: string }>(
    `update sign_in_links set used_at = now() where secret_hash = $1 and used_at is null and expires_at > now() returning user_id as "userId"`,
    [hashSecret(secret)],
  );
  if (row) return row;
  const [there] = await tx.query<{ used: boolean }>('select used_at is not null as used from sign_in_links where secret_hash = $1', [
    hashSecret(secret),
  ]);
  if (!there) return 'unknown';
  return there.used ? 'used' : 'expired';
}
