import { shorten } from '@slipway/protocol';
import type { Logger } from 'pino';
import type { Database } from '../../platform/database.js';
import { forgetDeadLetter, setAside } from '../../platform/dead-letters.js';
import { DomainError } from '../../platform/errors.js';
import { faultOf } from '../../platform/faults.js';
import { newId } from '../../platform/ids.js';
import { pollDelayMs, retryDelayMs } from './fetch-schedule.js';

/** How long what a killed server had under way keeps the others waiting. */
const LEASE_MS = 20_000;
const RENEW_EVERY_MS = 5_000;
const MAX_MESSAGE_CHARACTERS = 2_000;
const UNTIL = `clock_timestamp() + interval '${LEASE_MS} ms'`;

type Outcome = { pollEveryMs: number | null; sinceDeliveryMs: number | null; failures: number };

/**
 * The right to fetch one mirror, over all servers; by the database's clock. That of a killed server runs out. Should its git
 * still be at work then, no harm is done: refs move only from the sha that they have.
 */
export class FetchLease {
  private readonly lost = new AbortController();
  private readonly timer: NodeJS.Timeout;

  private constructor(
    private readonly db: Database,
    private readonly log: Pick<Logger, 'warn'>,
    private readonly repositoryId: string,
    private readonly id: string,
    /** What was wanted when the fetch began. */
    private readonly wanted: string,
    /** Whether somebody asked; else it is a look in passing. */
    readonly asked: boolean,
  ) {
    this.timer = setInterval(() => void this.renew(), RENEW_EVERY_MS).unref();
  }

  /** null: another has it, or there is no such mirror. */
  static async take(db: Database, log: Pick<Logger, 'warn'>, repositoryId: string): Promise<FetchLease | null> {
    const id = newId();
    return db.transaction(async (tx) => {
      const [row] = await tx.query<{ wanted: string; asked: boolean }>(
        `update mirrors set fetcher_id = $2, fetcher_until = ${UNTIL}
         where repository_id = $1 and (fetcher_until is null or fetcher_until < clock_timestamp())
         returning wanted, wanted > served as asked`,
        [repositoryId, id],
      );
      if (!row) return null;
      if (row.asked) tx.changed('repository', repositoryId);
      return new FetchLease(db, log, repositoryId, id, row.wanted, row.asked);
    });
  }

  /** Aborted when the lease is lost. */
  get signal(): AbortSignal {
    return this.lost.signal;
  }

  async succeed(): Promise<void> {
    await this.end(
      `served = greatest(served, $3), fetched_at = clock_timestamp(), imported_at = coalesce(imported_at, clock_timestamp()),
       failing_since = null, failures = 0, error_code = null, error_message = null`,
      [this.wanted],
      (row) => pollDelayMs(row, Math.random()),
    );
    await forgetDeadLetter(this.db, 'mirror', this.repositoryId);
  }

  /** The host is not to blame: an operator has to know what is, while it goes on being tried. */
  private async noteBroken(error: unknown): Promise<void> {
    if (faultOf(error) === 'passing') return;
    const letter = { kind: 'mirror' as const, key: this.repositoryId, about: 'Fetch from the code host', repositoryId: this.repositoryId };
    await setAside(this.db, letter, error, 1);
  }

  /** Not served: what was wanted is still wanted, and is tried again later each time. */
  async fail(error: unknown): Promise<void> {
    const known = error instanceof DomainError;
    if (!known) await this.noteBroken(error);
    const message = known ? error.message : 'Something went wrong on the server; its log says what. Slipway tries again by itself.';
    await this.end(
      `failures = failures + 1, failing_since = coalesce(failing_since, clock_timestamp()), error_code = $3, error_message = $4`,
      [known ? error.code : 'internal', shorten(message, MAX_MESSAGE_CHARACTERS)],
      (row) => retryDelayMs(row.failures, Math.random()),
    );
  }

  /** Ends it without a word on how it went: the server stops. */
  async drop(): Promise<void> {
    await this.end('wanted = wanted', [], () => 0);
  }

  private async end(set: string, parameters: unknown[], delayMs: (row: Outcome) => number | null): Promise<void> {
    clearInterval(this.timer);
    await this.db.transaction(async (tx) => {
      const [row] = await tx.query<Outcome & { askedAgain: boolean }>(
        `update mirrors set ${set}, fetcher_id = null, fetcher_until = null where repository_id = $1 and fetcher_id = $2
         returning poll_every_ms as "pollEveryMs", failures, wanted > $${parameters.length + 3}::bigint as "askedAgain",
           (extract(epoch from clock_timestamp() - last_delivery_at) * 1000)::float8 as "sinceDeliveryMs"`,
        [this.repositoryId, this.id, ...parameters, this.wanted],
      );
      if (!row) return;
      await tx.query(`update mirrors set next_poll_at = clock_timestamp() + $2::float8 * interval '1 ms' where repository_id = $1`, [
        this.repositoryId,
        row.askedAgain ? 0 : delayMs(row),
      ]);
      tx.changed('repository', this.repositoryId);
    });
  }

  private async renew(): Promise<void> {
    try {
      const rows = await this.db.query(
        `update mirrors set fetcher_until = ${UNTIL} where repository_id = $1 and fetcher_id = $2 returning 1`,
        [this.repositoryId, this.id],
      );
      if (rows.length === 0) this.lost.abort(new Error('The lease of this fetch was lost.'));
    } catch (error) {
      this.log.warn(
        { err: error, repository: this.repositoryId },
        'The lease of a fetch could not be renewed; trying again while it lasts.',
      );
    }
  }
}
