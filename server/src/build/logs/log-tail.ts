import {
  type ControlMessage,
  LOG_HEADERS,
  MalformedLogChunk,
  macMatches,
  type RawLogChunk,
  readLogChunk,
  subjects,
} from '@slipway/protocol';
import type { Logger } from '../../platform/log.js';
import { FanOut } from './fan-out.js';
import type { BatchBuilder, BatchLimits, LogBatch, LogCursor } from './log-lines.js';
import type { LogFollowing, LogMessage, LogSource } from './log-stream.js';
import { LogWindow, UnfitLogChunk, type WindowChunk } from './log-window.js';

/** Memory for what readers at the head want, sealed or not. */
const KEEP_BYTES = 2 * 1024 * 1024;
/** Unsealed text at which reading from the stream pauses until the sealer has caught up. */
const MAX_UNSEALED_BYTES = 8 * 1024 * 1024;
/** How long a missing chunk is waited for before it is requested; before that, the agent repeats a failed publish by itself. */
const GAP_PATIENCE_MS = { first: 300, next: 2_000 };
export type SealedState = { chunks: number; lines: number; seq: number };

export type LogAttempt = { attemptId: string; agentId: string; number: number; key: Buffer };

export type LogTailDeps = {
  source: LogSource;
  /** To the agent, at most once. */
  tell(agentId: string, message: ControlMessage): void;
  log: Logger;
};

type Memo = { key: string; batch: LogBatch };

/**
 * The newest part of one attempt's log on this server: follows the stream, drops what is foreign, stale, repeated or broken, puts the rest in order and
 * wakes readers. Asks the agent for what is missing.
 */
export class LogTail {
  readonly window: LogWindow;
  readonly fanOut = new FanOut(() => this.version);
  private sealed: SealedState;
  private seq: number;
  private following: LogFollowing | null = null;
  private readonly ready = Promise.withResolvers<void>();
  private gap: NodeJS.Timeout | null = null;
  private memo: Memo | null = null;
  private refused = 0;
  /** This server is going down: nothing comes any more. */
  stopped = false;
  private isRestart = false;
  private unsealedBytes = 0;
  private sealedMoved = Promise.withResolvers<void>();
  /** Set for good once the log has ended without its end: nothing more is taken. */
  private closed = false;

  constructor(
    readonly attempt: LogAttempt,
    sealed: SealedState,
    private readonly deps: LogTailDeps,
  ) {
    this.sealed = sealed;
    this.seq = sealed.seq;
    this.window = new LogWindow({ chunk: sealed.chunks, line: sealed.lines });
  }

  start(): void {
    const { agentId, attemptId } = this.attempt;
    this.following = this.deps.source.follow(subjects.logs(agentId, attemptId), {
      after: () => this.seq,
      message: (message) => this.take(message),
      caughtUp: () => this.caughtUp(),
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    if (this.gap) clearTimeout(this.gap);
    this.sealedMoved.resolve();
    this.ready.resolve();
    this.fanOut.wakeAll();
    await this.following?.stop();
  }

  /** No chunk follows. */
  get complete(): boolean {
    return this.window.complete || this.closed;
  }

  /** The chunk from which the agent should send again, because it is missing. */
  get missingFrom(): number | null {
    return this.gap ? this.window.nextChunk : null;
  }

  /** Resolves once what the stream held at the start is here. */
  get isReady(): Promise<void> {
    return this.ready.promise;
  }

  /** Readers at the same place share one batch. Null when the cursor lies before the window. */
  read(cursor: LogCursor, limits: BatchLimits): LogBatch | null {
    const key = `${cursor.line} ${cursor.bytes} ${this.window.nextChunk} ${this.complete} ${limits.maxLines}`;
    if (this.memo?.key === key) return this.memo.batch;
    const batch = this.window.read(cursor, limits);
    this.memo = batch && { key, batch };
    return batch;
  }

  addTo(builder: BatchBuilder): boolean {
    return this.window.addTo(builder);
  }

  /** Grows with each change that a reader may want to see. */
  get version(): number {
    return this.window.nextChunk + (this.complete ? 1 : 0);
  }

  /** Resolves once the version is another than `seen`, or the signal is aborted; together with other readers where there are many. */
  changed(seen: number, signal: AbortSignal): Promise<void> {
    return this.stopped ? Promise.resolve() : this.fanOut.changed(seen, signal);
  }

  unsealed(): WindowChunk[] {
    return this.window.from(this.sealed.chunks);
  }

  /** What is sealed is kept only as far as there is room. */
  advanceSealed(sealed: SealedState): void {
    if (sealed.chunks <= this.sealed.chunks) return;
    this.sealed = sealed;
    this.window.shrink(sealed.chunks, KEEP_BYTES);
    this.unsealedBytes = this.unsealed().reduce((sum, chunk) => sum + chunk.weight, 0);
    this.sealedMoved.resolve();
    this.sealedMoved = Promise.withResolvers();
  }

  /** The log ends here, whatever is missing; `notice` says so in its last line. */
  giveUp(notice: string | null): void {
    if (notice) this.window.addNotice(notice, Date.now());
    this.closed = true;
    this.window.complete = true;
    if (this.gap) clearTimeout(this.gap);
    this.gap = null;
    this.fanOut.wakeAll();
  }

  askAgain(): void {
    this.deps.tell(this.attempt.agentId, { kind: 'resend', attempt: this.attempt.attemptId, from: this.window.nextChunk });
  }

  private async take(message: LogMessage): Promise<void> {
    if (this.complete || !this.isOurs(message)) return;
    const chunk = this.decoded(message);
    if (!chunk || chunk.n < this.window.nextChunk) return;
    if (chunk.n > this.window.nextChunk) return this.noteGap();
    if (!this.append(chunk, message.seq)) return;
    if (this.gap) clearTimeout(this.gap);
    this.gap = null;
    this.fanOut.schedule();
    while (this.unsealedBytes > MAX_UNSEALED_BYTES && !this.stopped) await this.sealedMoved.promise;
  }

  private append(chunk: RawLogChunk, seq: number): boolean {
    try {
      this.unsealedBytes += this.window.append(chunk, seq);
      this.seq = seq;
      this.window.shrink(this.sealed.chunks, KEEP_BYTES);
      return true;
    } catch (error) {
      if (!(error instanceof UnfitLogChunk)) throw error;
      this.refuse(error.message);
      return false;
    }
  }

  private isOurs(message: LogMessage): boolean {
    const { attemptId, agentId, number, key } = this.attempt;
    const isValid =
      message.header(LOG_HEADERS.attempt) === String(number) &&
      macMatches(message.header(LOG_HEADERS.mac), key, subjects.logs(agentId, attemptId), number, Number(message.header(LOG_HEADERS.n)));
    if (!isValid) this.refuse('the attempt number or the MAC is wrong');
    return isValid;
  }

  private decoded(message: LogMessage): RawLogChunk | null {
    try {
      const chunk = readLogChunk(message.body);
      if (String(chunk.n) === message.header(LOG_HEADERS.n)) return chunk;
      this.refuse(`the chunk says ${chunk.n}, its header ${message.header(LOG_HEADERS.n)}`);
    } catch (error) {
      if (!(error instanceof MalformedLogChunk)) throw error;
      this.refuse(error.message);
    }
    return null;
  }

  /** Logged the 1st, 2nd, 4th, 8th … time, so that a flood of bad chunks does not flood the log. */
  private refuse(why: string): void {
    this.refused += 1;
    if ((this.refused & (this.refused - 1)) !== 0) return;
    const { attemptId, agentId } = this.attempt;
    this.deps.log.warn({ 'slipway.attempt': attemptId, 'slipway.agent': agentId, refused: this.refused }, `Log chunk dropped: ${why}.`);
  }

  private noteGap(): void {
    if (this.gap || this.complete) return;
    const watch = (missing: number, patienceMs: number) => {
      this.gap = setTimeout(() => {
        if (this.stopped || this.window.nextChunk !== missing) return;
        this.askAgain();
        watch(missing, GAP_PATIENCE_MS.next);
      }, patienceMs);
    };
    watch(this.window.nextChunk, GAP_PATIENCE_MS.first);
  }

  /** After a restart the stream may have lost what nobody would miss before the next chunk. */
  private caughtUp(): void {
    this.ready.resolve();
    if (this.isRestart && !this.complete) this.askAgain();
    this.isRestart = true;
  }
}
