import type { Database } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';
import type { Actor } from './actor.js';
import { hashPassword, passwordMatches } from './password.js';
import { endOtherSessions } from './session.js';

/** The first password needs no earlier one; each later needs it. Ends the user's other sessions; tokens stay. */
export async function setPassword(database: Database, actor: Actor, change: { current: string | null; password: string }): Promise<void> {
  const hash = await hashPassword(change.password);
  await database.transaction(async (tx) => {
    const [user] = await tx.query<{ hash: string | null }>('select password_hash as hash from users where id = $1 for update', [
      actor.userId,
    ]);
    const known = user?.hash ?? null;
    if (known !== null && !(await passwordMatches(known, change.current ?? ''))) throw wrongPassword();
    await tx.query('update users set password_hash = $2 where id = $1', [actor.userId, hash]);
    await endOtherSessions(tx, actor.userId, actor.credential?.kind === 'session' ? actor.credential.id : null);
  });
}

const wrongPassword = () =>
  new DomainError(
    'forbidden',
    'wrong_password',
    'The current password is wrong, so it was not changed. If you forgot it, sign in with the link that the server prints at its start.',
  );
