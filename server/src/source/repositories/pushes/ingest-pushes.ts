import { isAlive } from '../../../platform/process-name.js';
import type { RepositoryStore } from '../repository-store.js';
import { beginTaking, endTaking, LAST_TAKING, type LastTaking } from './deaths.js';
import type { PushedRepository } from './decide-push.js';
import { journalSize, readSettledJournal } from './journal-reader.js';
import { adoptDefaultBranch } from './push-rows.js';
import type { JournalEntry } from './receive-journal.js';
import { TakePushes, type TakePushesDeps } from './take-pushes.js';

/** Only for pushes whose end nobody saw: git outlived a killed server, or Postgres was away. All others are told. */
const RECOVERY_EVERY_MS = 5_000;

export type IngestDeps = TakePushesDeps & {
  store: RepositoryStore;
  /** Told of a repository whose refs have moved, once the rows say so. A crash may swallow it. */
  recorded?(repositoryId: string): void;
};

type RepositoryRow = { id: string; projectId: string; defaultBranch: string | null; offset: string } & LastTaking;
type Round = { current: Promise<void>; next: Promise<void> | null };

const COLUMNS = `id, project_id as "projectId", default_branch as "defaultBranch", journal_offset as offset, ${LAST_TAKING}`;

/** Turns what the receive journals say into pushes, commits, branches and runs: each push once, in order, whoever dies in between. */
export class PushIngest {
  private readonly rounds = new Map<string, Round>();
  private timer: NodeJS.Timeout | undefined;
  private recovering: Promise<void> = Promise.resolve();
  private readonly pushes: TakePushes;

  constructor(private readonly deps: IngestDeps) {
    this.pushes = new TakePushes(deps);
  }

  /** Looks at every repository once, then at those whose journal is ahead of its rows, from time to time. */
  async start(): Promise<void> {
    await this.recover(true);
    this.timer = setInterval(() => {
      this.recovering = this.recovering.then(() => this.recover(false)).catch((error) => this.failed(error, null));
    }, RECOVERY_EVERY_MS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.allSettled([this.recovering, ...[...this.rounds.values()].flatMap(({ current, next }) => [current, next])]);
    await endTaking(this.deps.db).catch((error) =>
      this.deps.log.warn(
        { err: error },
        'It could not be noted that this server was told to end; it may be counted as one that died at a push',
      ),
    );
  }

  /**
   * Everything that had happened when this was called has become rows when it resolves. Calls during a round share the next one.
   */
  ingest(repositoryId: string): Promise<void> {
    const round = this.rounds.get(repositoryId);
    if (round) {
      round.next ??= round.current.catch(() => undefined).then(() => this.startRound(repositoryId));
      return round.next;
    }
    return this.startRound(repositoryId);
  }

  private startRound(repositoryId: string): Promise<void> {
    const round: Round = { current: this.ingestNow(repositoryId), next: null };
    this.rounds.set(repositoryId, round);
    const done = () => {
      if (!round.next) this.rounds.delete(repositoryId);
    };
    round.current.then(done, done);
    return round.current;
  }

  private async ingestNow(repositoryId: string): Promise<void> {
    const [row] = await this.deps.db.query<RepositoryRow>(`select ${COLUMNS} from repositories where id = $1`, [repositoryId]);
    if (!row) return;
    const repository = { id: row.id, projectId: row.projectId, gitDir: this.deps.store.folder(row.id) };
    const { entries, nextOffset } = await readSettledJournal(repository.gitDir, Number(row.offset));
    await this.take(repository, row, entries);
    await this.deps.db.query('update repositories set journal_offset = $2 where id = $1 and journal_offset < $2', [row.id, nextOffset]);
    if (row.defaultBranch === null && !entries.some(({ process }) => isAlive(process))) await this.adoptDefaultBranch(row.id);
    if (entries.length > 0) this.deps.recorded?.(row.id);
  }

  private async take(repository: PushedRepository, row: RepositoryRow, entries: readonly JournalEntry[]): Promise<void> {
    const updates = entries.filter((entry) => entry.outcome === 'happened');
    const [first] = updates;
    if (!first) return;
    const deaths = await beginTaking(this.deps.db, row.id, Number(row.offset), row);
    const isDeadly = deaths >= MOST_DEATHS;
    if (isDeadly) await this.pushes.giveUp(repository, first, deaths);
    // Only one is to blame, and each processed one is behind the place where servers died.
    const most = deaths >= SUSPICIOUS_DEATHS ? 1 : MOST_AT_ONCE;
    for (const group of groupsOf(isDeadly ? updates.slice(1) : updates, most)) await this.pushes.take(repository, group);
  }

  /** Once git is done with all that it was sent: a push may bring branches in any order. */
  private async adoptDefaultBranch(repositoryId: string): Promise<void> {
    await adoptDefaultBranch(this.deps.db, repositoryId);
    const [row] = await this.deps.db.query<RepositoryRow>(`select ${COLUMNS} from repositories where id = $1`, [repositoryId]);
    if (row?.defaultBranch) await this.deps.store.setHead(row.id, row.defaultBranch);
  }

  /** A repository that can't be read fails alone. */
  private async recover(first: boolean): Promise<void> {
    const { db, store } = this.deps;
    for (const row of await db.query<RepositoryRow>(`select ${COLUMNS} from repositories order by id`)) {
      try {
        if (first) await store.prune(row.id, Date.now());
        if (first && row.defaultBranch) await store.setHead(row.id, row.defaultBranch);
        const lacksDefault = first && row.defaultBranch === null;
        if (lacksDefault || (await journalSize(store.folder(row.id))) > Number(row.offset)) await this.ingest(row.id);
      } catch (error) {
        this.failed(error, row.id);
      }
    }
  }

  private failed(error: unknown, repositoryId: string | null): void {
    this.deps.log.error({ err: error, repository: repositoryId }, 'Pushes could not be read from a receive journal; trying again soon.');
  }
}

/** Imported refs are taken together, and so is what comes between; each group is bounded, for the memory that it takes. */
function groupsOf(entries: readonly JournalEntry[], most: number): JournalEntry[][] {
  const groups: JournalEntry[][] = [];
  for (const entry of entries) {
    const group = groups.at(-1);
    const fits = group && group.length < most && (group[0]?.cause === 'import') === (entry.cause === 'import');
    if (fits) group.push(entry);
    else groups.push([entry]);
  }
  return groups;
}

const MOST_AT_ONCE = 100_000;
/** A server may be killed by chance, even several times in a row. */
const SUSPICIOUS_DEATHS = 2;
const MOST_DEATHS = 10;
