import type { Database, Tx } from '../../platform/database.js';
import { type DeadLetterKind, wordsOf } from '../../platform/dead-letters.js';
import { DomainError, notFound } from '../../platform/errors.js';
import { faultOf } from '../../platform/faults.js';
import type { Logger } from '../../platform/log.js';

export type StoredLetter = { kind: DeadLetterKind; key: string; repositoryId: string | null; body: unknown };

/** Puts a thing back where it was taken out, or does it at once. @throws what is wrong with it still */
export type Retry = (tx: Tx, letter: StoredLetter, userId: string) => Promise<void>;

export type DeadLetterDeps = { database: Database; retries: Record<DeadLetterKind, Retry>; log: Pick<Logger, 'info'> };

/** Takes back what was set aside. What can't be taken again stays set aside, with its new error. */
export async function retryDeadLetter({ database, retries, log }: DeadLetterDeps, id: string, userId: string): Promise<void> {
  try {
    const letter = await database.transaction(async (tx) => {
      const found = await takeLetter(tx, id);
      await retries[found.kind](tx, found, userId);
      return found;
    });
    note(log, letter, userId, 'tried_again');
  } catch (error) {
    if (error instanceof DomainError || faultOf(error) === 'passing') throw error;
    const message = wordsOf(error);
    await database.query('update dead_letters set error = $2, tries = tries + 1, failed_at = now() where id = $1', [id, message]);
    throw new DomainError('conflict', 'still_refused', `It failed again: ${message}. Fix that, then try it again.`);
  }
}

/** Nobody wants it any more: it is forgotten, and with it what it would have brought about. */
export async function discardDeadLetter({ database, log }: DeadLetterDeps, id: string, userId: string): Promise<void> {
  note(log, await database.transaction((tx) => takeLetter(tx, id)), userId, 'discarded');
}

async function takeLetter(tx: Tx, id: string): Promise<StoredLetter> {
  const [letter] = await tx.query<StoredLetter>(
    'delete from dead_letters where id = $1 returning kind, key, repository_id as "repositoryId", body',
    [id],
  );
  if (!letter) throw notFound('dead_letter', id);
  return letter;
}

function note(log: Pick<Logger, 'info'>, { kind, key }: StoredLetter, userId: string, event: 'tried_again' | 'discarded'): void {
  log.info(
    { 'event.category': 'audit', 'event.action': event, 'user.id': userId, 'slipway.dead_letter': { kind, key } },
    event === 'discarded' ? 'What was set aside was discarded.' : 'What was set aside was tried again.',
  );
}
