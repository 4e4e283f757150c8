import { DomainError } from '../../platform/errors.js';
import type { BlockCache } from './block-cache.js';
import { BatchBuilder, type BatchLimits, type LogBatch, type LogCursor } from './log-lines.js';
import type { LogFacts, LogStore } from './log-store.js';
import type { LogTail } from './log-tail.js';
import type { HeldTail, LogTails } from './log-tails.js';
import { isBefore } from './log-window.js';

const BLOCKS_AT_A_TIME = 4;
/** How long a reader waits for a tail to come up before it is shown what is sealed. */
const TAIL_WAIT_MS = 2_000;

/** Lines of a log, and how they stand in the whole. `complete`: the log has ended and these lines reach its end. */
export type LogView = LogBatch & { attemptId: string | null; complete: boolean; totalLines: number };

export type OpenedLog = { facts: LogFacts; held: HeldTail | null };

/**
 * Any lines of a log: sealed blocks first, then the tail. Unpacks no more than the blocks it needs.
 */
export class LogReader {
  constructor(
    private readonly store: LogStore,
    private readonly tails: LogTails,
    private readonly blocks: BlockCache,
  ) {}

  /**
   * Null when the attempt has no log (yet). The caller releases `held`.
   * @throws DomainError `log_expired`
   */
  async open(attemptId: string): Promise<OpenedLog | null> {
    const held = await this.tails.acquire(attemptId);
    if (held) await Promise.race([held.tail.isReady, new Promise((resolve) => setTimeout(resolve, TAIL_WAIT_MS).unref())]);
    // Asked after the tail is held: what it lacks has been sealed by then.
    const facts = await this.store.facts(attemptId).catch((error) => {
      held?.release();
      throw error;
    });
    if (facts && !facts.deleted) return { facts, held };
    held?.release();
    if (!facts) return null;
    throw new DomainError(
      'not_found',
      'log_expired',
      'This log was deleted: this installation keeps logs for a limited time. Retry the job to get a new one.',
    );
  }

  /** From a line on, `maxLines` or to the end; a negative line counts from the end. */
  async lines(attemptId: string, fromLine: number, limits: BatchLimits): Promise<LogView | null> {
    const opened = await this.open(attemptId);
    if (!opened) return null;
    try {
      return await this.read(opened, this.startOf(opened, fromLine), limits);
    } finally {
      opened.held?.release();
    }
  }

  startOf(opened: OpenedLog, fromLine: number): LogCursor {
    return { line: fromLine >= 0 ? fromLine : Math.max(0, totalLines(opened) + fromLine), bytes: 0 };
  }

  async read(opened: OpenedLog, cursor: LogCursor, limits: BatchLimits): Promise<LogView> {
    const tail = opened.held?.tail ?? null;
    const batch = tail?.read(cursor, limits) ?? (await this.fromStore(opened, cursor, limits, tail));
    const complete = isComplete(opened) && !isBefore(batch.next, endOf(opened));
    return { ...batch, attemptId: opened.facts.attempt.attemptId, complete, totalLines: totalLines(opened) };
  }

  private async fromStore({ facts }: OpenedLog, cursor: LogCursor, limits: BatchLimits, tail: LogTail | null): Promise<LogBatch> {
    const builder = new BatchBuilder(cursor, limits);
    while (!builder.isFull) {
      const at = builder.cursor;
      if (tail?.addTo(builder)) break;
      await this.addBlocks(facts.attempt.attemptId, builder);
      if (builder.cursor === at) break;
    }
    const end = tail ? tail.window.end : { line: facts.sealed.lines, bytes: 0 };
    return builder.batch({ reachesEnd: (tail ? tail.complete : facts.complete) && !isBefore(builder.cursor, end) });
  }

  private async addBlocks(attemptId: string, builder: BatchBuilder): Promise<void> {
    for (const ref of await this.store.blocks(attemptId, builder.cursor.line, BLOCKS_AT_A_TIME)) {
      if (builder.isFull) return;
      const block = await this.blocks.get(ref);
      if (ref.firstLine + ref.lines <= builder.cursor.line) builder.addMarks(block.marks);
      else builder.add(await block.segment());
    }
  }
}

const isComplete = ({ facts, held }: OpenedLog): boolean => held?.tail.complete ?? facts.complete;

const endOf = ({ facts, held }: OpenedLog): LogCursor => held?.tail.window.end ?? { line: facts.sealed.lines, bytes: 0 };

const totalLines = ({ facts, held }: OpenedLog): number => held?.tail.window.lines ?? facts.sealed.lines;
