import type { ControlMessage } from '@slipway/protocol';
import type { BlobStore } from '../../platform/blob-store.js';
import type { Changes } from '../../platform/changes.js';
import type { Database, Tx } from '../../platform/database.js';
import { DomainError, notFound } from '../../platform/errors.js';
import type { Logger } from '../../platform/log.js';
import { BlockCache } from './block-cache.js';
import { emptyView, followLog } from './follow-log.js';
import { lastTexts } from './last-texts.js';
import { LOST_GRACE_MS, LogSealing } from './log-sealing.js';
import { LogStore } from './log-store.js';
import type { LogSource } from './log-stream.js';
import { LogTails } from './log-tails.js';
import { LogReader, type LogView } from './read-log.js';

export const DEFAULT_LOG_DAYS = 90;
const MAX_LINES = 20_000;
/** Lines may have 64 KiB each, and an answer is made in memory. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
const DOWNLOAD_BATCH = { maxLines: 100_000, maxBytes: 512 * 1024 };

export type LogsDeps = {
  database: Database;
  source: LogSource;
  blobs: BlobStore;
  changes: Changes;
  /** Control message to an agent, at most once. */
  tell(agentId: string, message: ControlMessage): void;
  log: Logger;
  keepDays?: number;
  /** How long chunks are waited for when an attempt was lost. */
  lostGraceMs?: number;
};

/** Logs of attempts: taken from the stream, sealed as they grow, read at any place. */
export class Logs {
  private readonly store: LogStore;
  private readonly tails: LogTails;
  private readonly reader: LogReader;
  private readonly sealing: LogSealing;

  constructor(private readonly deps: LogsDeps) {
    this.store = new LogStore(deps.database);
    this.tails = new LogTails(this.store, deps);
    this.reader = new LogReader(this.store, this.tails, new BlockCache(deps.blobs));
    this.sealing = new LogSealing({
      keepDays: DEFAULT_LOG_DAYS,
      lostGraceMs: LOST_GRACE_MS,
      ...deps,
      store: this.store,
      tails: this.tails,
    });
  }

  /** Goes on with every log that was open when the server stopped, and takes over those of servers that are gone. */
  start(): void {
    this.sealing.start();
  }

  /** Makes the log of an attempt; it is followed from the commit on. May be repeated. */
  async openLog(tx: Tx, attemptId: string, agentId: string): Promise<void> {
    await this.store.open(tx, attemptId, agentId);
    tx.afterCommit(() => this.sealing.seal(attemptId));
  }

  /** For `renew`: the chunk from which an agent is to send a log again; null: nothing is missing, as far as this server knows. */
  resendFrom(attemptId: string): number | null {
    return this.tails.missingFrom(attemptId);
  }

  /** Lines of a job's newest attempt, or of one it names. */
  async read(jobId: string, attemptId: string | null, fromLine: number, count: number): Promise<LogView> {
    if (count < 1 || count > MAX_LINES) {
      throw new DomainError(
        'bad_input',
        'bad_line_count',
        `${count} lines can't be read at once. Ask for 1 to ${MAX_LINES}, then go on from the line after the last.`,
      );
    }
    const newest = await this.store.newestAttempt(jobId);
    if (!newest) throw notFound('job', jobId);
    if (attemptId && !(await this.store.belongsTo(attemptId, jobId))) throw notFound('attempt', attemptId);
    const wanted = attemptId ?? newest.attemptId;
    const lines = wanted && (await this.reader.lines(wanted, fromLine, { maxLines: count, maxBytes: MAX_ANSWER_BYTES }));
    return lines || emptyView(wanted, newest.over);
  }

  /** The same, live: see {@link followLog}. */
  follow(jobId: string, attemptId: string | null, fromLine: number): AsyncIterableIterator<LogView> {
    return followLog({ store: this.store, reader: this.reader, changes: this.deps.changes }, jobId, attemptId, fromLine);
  }

  /** All of a log as text, in whole lines, as far as it goes now; null when there is none. */
  async download(attemptId: string): Promise<AsyncIterable<string> | null> {
    const opened = await this.reader.open(attemptId);
    if (!opened) return null;
    const { reader } = this;
    return (async function* () {
      try {
        let open: string | null = null;
        for (let cursor = { line: 0, bytes: 0 }; ; ) {
          const view = await reader.read(opened, cursor, DOWNLOAD_BATCH);
          if (view.lineCount === 0) break;
          const text: string = open === null ? view.text : goOn(open, view);
          const lineStart = text.lastIndexOf('\n') + 1;
          yield text.slice(0, lineStart);
          open = text.slice(lineStart);
          cursor = view.next;
        }
        yield open ?? '';
      } finally {
        opened.held?.release();
      }
    })();
  }

  async close(): Promise<void> {
    await this.sealing.close();
    await this.tails.close();
  }
}

/** The next lines after one that may go on in them. */
function goOn(line: string, { startsInsideLine, text }: LogView): string {
  return startsInsideLine ? lastTexts(line + text, false) : `${line}\n${text}`;
}
