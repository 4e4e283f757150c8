import type { Database } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';
import type { Actor } from './actor.js';
import { hashPassword, passwordMatches } from './password.js';
import type { PasswordGuesses } from './password-guesses.js';
import { endOtherSessions } from './session.js';

/**
 * The first password needs no earlier one; each later needs it, and guesses of that are limited as those at a sign-in. Ends the user's other sessions; tokens stay.
 */
export async function setPassword(
  { database, guesses }: { database: Database; guesses: PasswordGuesses },
  actor: Actor,
  change: { current: string | null; password: string; address: string },
): Promise<void> {
  const hash = await hashPassword(change.password);
  await database.transaction(async (tx) => {
    const [user] = await tx.query<{ hash: string | null; email: string }>(
      'select password_hash as hash, email from users where id = $1 for update',
      [actor.userId],
    );
    const known = user?.hash ?? null;
    const isRight = async () => (await passwordMatches(known, change.current ?? '')) || null;
    if (known !== null && !(await guesses.check({ address: change.address, account: user?.email ?? '' }, isRight))) throw wrongPassword();
    await tx.query('update users set password_hash = $2 where id = $1', [actor.userId, hash]);
    await endOtherSessions(tx, actor.userId, actor.credential?.kind === 'session' ? actor.credential.id : null);
  });
}

const wrongPassword = () =>
  new DomainError(
    'forbidden',
    'wrong_password',
    'The current password is wrong, so it was not changed. If you forgot it, sign in with a link: "npm run sign-in-link" prints one on the machine that Slipway runs on.',
  );
