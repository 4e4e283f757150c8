import { shorten } from '@slipway/protocol';
import type { Database, Row } from './database.js';
import { type Fault, faultOf } from './faults.js';
import { newId } from './ids.js';
import type { Logger } from './log.js';
import { jsonb } from './storable.js';

/** What kinds of things can be set aside. */
export const DEAD_LETTER_KINDS = [
  'push',
  'webhook_delivery',
  'job',
  'outbox_message',
  'observation',
  'commit_status',
  'pull_request',
  'mirror',
  'log',
  'overdue_attempt',
  'overdue_job',
  'deployment_work',
] as const;
export type DeadLetterKind = (typeof DEAD_LETTER_KINDS)[number];

export type DeadLetter = {
  kind: DeadLetterKind;
  /** Names the thing within its kind. */
  key: string;
  /** What it is, for people: `Push of "main" at 1a2b3c4`. */
  about: string;
  projectId?: string | null;
  repositoryId?: string | null;
  /** What trying again needs. */
  body?: unknown;
};

const MAX_ERROR_CHARACTERS = 2_000;

type Query = <T extends Row>(sql: string, parameters?: unknown[]) => Promise<T[]>;

/** Sets a thing aside, in the same transaction that takes it out of its queue. Setting it aside again replaces the error. */
export async function setAside(tx: { query: Query }, letter: DeadLetter, error: unknown, tries: number): Promise<void> {
  await tx.query(
    `insert into dead_letters (id, kind, key, about, project_id, repository_id, body, error, tries) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (kind, key) do update set about = excluded.about, body = excluded.body, error = excluded.error,
       tries = dead_letters.tries + excluded.tries, failed_at = now()`,
    [
      newId(),
      letter.kind,
      letter.key,
      letter.about,
      letter.projectId ?? null,
      letter.repositoryId ?? null,
      jsonb(letter.body ?? {}),
      wordsOf(error),
      tries,
    ],
  );
}

/** It succeeded after all, so what was set aside is no longer needed. */
export async function forgetDeadLetter(tx: { query: Query }, kind: DeadLetterKind, key: string): Promise<void> {
  await tx.query('delete from dead_letters where kind = $1 and key = $2', [kind, key]);
}

/** The message of an error, as it is stored. */
export const wordsOf = (error: unknown): string =>
  shorten((error instanceof Error ? error.message : String(error)) || 'no reason was given', MAX_ERROR_CHARACTERS, '…');

/** As SQL: whether a thing is set aside. */
export const isSetAside = (kind: DeadLetterKind, keySql: string): string =>
  `exists (select from dead_letters where dead_letters.kind = '${kind}' and dead_letters.key = ${keySql})`;

export type Verdict = { fault: Fault; tries: number; isOver: boolean };

const MAX_TRIES = 5;
const FIRST_REST_MS = 1_000;
const REMEMBERED = 10_000;

/**
 * Counts how often each thing has failed on this server. Lasting errors are given up at once, unclear ones after five tries, passing ones never. A
 * restart starts the count again.
 */
export class Tries {
  private readonly failing = new Map<string, { tries: number; notBefore: number }>();

  constructor(private readonly now: () => number = Date.now) {}

  /** What to do now that it has failed. */
  failed(key: string, error: unknown): Verdict {
    const fault = faultOf(error);
    const tries = (this.failing.get(key)?.tries ?? 0) + 1;
    const isOver = fault === 'lasting' || (fault === 'unclear' && tries >= MAX_TRIES);
    this.failing.delete(key);
    if (!isOver && fault !== 'passing') this.remember(key, tries);
    return { fault, tries, isOver };
  }

  /** Whether to leave it alone for a moment, because it has just failed. */
  rests(key: string): boolean {
    return (this.failing.get(key)?.notBefore ?? 0) > this.now();
  }

  done(key: string): void {
    this.failing.delete(key);
  }

  private remember(key: string, tries: number): void {
    this.failing.set(key, { tries, notBefore: this.now() + FIRST_REST_MS * 2 ** (tries - 1) });
    const [oldest] = this.failing.keys();
    if (this.failing.size > REMEMBERED && oldest !== undefined) this.failing.delete(oldest);
  }
}

export type OneByOneDeps = { database: Database; log: Pick<Logger, 'warn' | 'error'> };

/**
 * Works on many things, each on its own: one that fails rests, is set aside in the end, and does not block those behind it. Only a passing error ends
 * the round.
 */
export class OneByOne {
  private readonly tries = new Tries();

  constructor(private readonly deps: OneByOneDeps) {}

  /** @returns how many are left undone */
  async run<T>(
    kind: DeadLetterKind,
    things: readonly T[],
    letterOf: (thing: T) => Omit<DeadLetter, 'kind'>,
    work: (thing: T) => Promise<void>,
  ): Promise<number> {
    const aside = things.length === 0 ? new Set<string>() : await this.keysSetAside(kind);
    let done = 0;
    for (const thing of things) {
      const letter = { kind, ...letterOf(thing) };
      const name = `${kind}:${letter.key}`;
      if (aside.has(letter.key) || this.tries.rests(name)) continue;
      try {
        await work(thing);
        this.tries.done(name);
        done++;
      } catch (error) {
        await this.failed(letter, this.tries.failed(name, error), error);
      }
    }
    return things.length - done;
  }

  private async failed(letter: DeadLetter, verdict: Verdict, error: unknown): Promise<void> {
    if (verdict.fault === 'passing') throw error;
    noteFailure(this.deps.log, letter, verdict, error);
    if (verdict.isOver) await setAside(this.deps.database, letter, error, verdict.tries);
  }

  private async keysSetAside(kind: DeadLetterKind): Promise<Set<string>> {
    const rows = await this.deps.database.query<{ key: string }>('select key from dead_letters where kind = $1', [kind]);
    return new Set(rows.map((row) => row.key));
  }
}

/** One log line for each failure. Operators need to know what is set aside. */
export function noteFailure(
  log: Pick<Logger, 'warn' | 'error'>,
  { kind, key, about }: DeadLetter,
  { tries, isOver }: Verdict,
  error: unknown,
): void {
  const facts = { err: error, 'slipway.dead_letter': { kind, key }, tries };
  if (isOver) log.error(facts, `${about} was set aside: it could not be processed.`);
  else log.warn(facts, `${about} could not be processed; trying again.`);
}
