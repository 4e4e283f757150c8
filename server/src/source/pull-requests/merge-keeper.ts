import type { Logger } from 'pino';
import type { Database } from '../../platform/database.js';
import { isSetAside, noteFailure, setAside, Tries } from '../../platform/dead-letters.js';
import { Rounds } from '../../platform/rounds.js';
import { SUPERSEDED } from './cancel-superseded.js';

/** Only recovers what a crash left, and what failed before: commits that bring work wake it. */
const SWEEP_MS = 30_000;
const MOST_AT_ONCE = 100;
const RETRY_FIRST_MS = 15_000;
const RETRY_MOST_MS = 15 * 60_000;

/** Of `pull_requests p`: a pull request that was set aside is looked at again when its head or its base is another. */
const KEY = /* sql */ `p.id || ' ' || p.head_sha || ' ' ||
  coalesce((select head_sha from branches where repository_id = p.repository_id and name = p.base_branch), '')`;
const NOT_ASIDE = /* sql */ `p.id <> all($1) and not ${isSetAside('pull_request', KEY)}`;

/** Pull requests of which something is still to be done: a base that moved on, a merge not made, a build not decided, a run of an earlier head. */
const UNSETTLED = /* sql */ `
  select p.id, p.number, p.repository_id as "repositoryId", ${KEY} as key
  from pull_requests p join branches b on b.repository_id = p.repository_id and b.name = p.base_branch
  where p.state = 'open' and ${NOT_ASIDE} and (p.merge_state = 'unknown' or p.base_sha is distinct from b.head_sha
    or (p.merge_state = 'clean' and (not p.is_fork or p.approved_sha = p.head_sha) and not exists (
      select from pull_request_builds d where d.pull_request_id = p.id and d.head_sha = p.head_sha and d.base_branch = p.base_branch)))
  union
  select p.id, p.number, p.repository_id, ${KEY} from runs r join pull_requests p on p.id = r.pull_request_id where ${NOT_ASIDE} and ${SUPERSEDED}
  limit ${MOST_AT_ONCE}`;

type Unsettled = { id: string; number: number; repositoryId: string; key: string };
type Failing = { tries: number; notBefore: number };

export type MergeKeeperDeps = {
  database: Database;
  settle(id: string): Promise<string>;
  log: Pick<Logger, 'warn' | 'error'>;
  now(): number;
};

/**
 * Keeps the state of pull requests correct while branches move: merges are made again, runs are not. It looks at the rows, so a lost wake, or a
 * server that dies half-way, costs only time. A pull request that fails waits at growing intervals, is set aside in the end, and does not block
 * others.
 */
export class MergeKeeper {
  private readonly tries = new Tries();
  private readonly failing = new Map<string, Failing>();
  private readonly rounds = new Rounds(() => this.keepAll());

  constructor(private readonly deps: MergeKeeperDeps) {}

  start(): void {
    this.wake();
  }

  /** After a push, and after an approval. */
  wake(): void {
    this.rounds.wake();
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }

  private async keepAll(): Promise<number> {
    try {
      await this.settleAll();
    } catch (error) {
      this.deps.log.warn({ err: error }, 'Pull requests could not be checked; trying again.');
    }
    return SWEEP_MS;
  }

  private async settleAll(): Promise<void> {
    const waiting = [...this.failing].filter(([, { notBefore }]) => notBefore > this.deps.now()).map(([id]) => id);
    const rows = await this.deps.database.query<Unsettled>(UNSETTLED, [waiting]);
    for (const row of rows) {
      if (this.rounds.stopped) return;
      await this.settle(row);
    }
    // Each of these is done by now or waits, so the next ones are others.
    if (rows.length === MOST_AT_ONCE) this.wake();
  }

  private async settle({ id, ...row }: Unsettled): Promise<void> {
    try {
      await this.deps.settle(id);
      this.failing.delete(id);
      this.tries.done(row.key);
      // Also what was set aside of an earlier head.
      await this.deps.database.query(`delete from dead_letters where kind = 'pull_request' and starts_with(key, $1)`, [`${id} `]);
    } catch (error) {
      await this.failed({ id, ...row }, error);
    }
  }

  private async failed({ id, key, number, repositoryId }: Unsettled, error: unknown): Promise<void> {
    const verdict = this.tries.failed(key, error);
    const letter = { kind: 'pull_request' as const, key, about: `Pull request #${number}`, repositoryId };
    noteFailure(this.deps.log, letter, verdict, error);
    const tries = (this.failing.get(id)?.tries ?? 0) + 1;
    this.failing.set(id, { tries, notBefore: this.deps.now() + Math.min(RETRY_FIRST_MS * 2 ** (tries - 1), RETRY_MOST_MS) });
    if (!verdict.isOver) return;
    await setAside(this.deps.database, letter, error, verdict.tries);
    this.failing.delete(id);
  }
}
