import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeLogChunk, LOG_COMPLETE, MAX_CHUNK_BYTES, type RawLogChunk, shorten, subjects } from '@slipway/protocol';
import { ChunkBuilder } from './chunk-builder.js';
import { ChunkSender, type PublishChunk } from './chunk-sender.js';
import { CleanText } from './clean-text.js';
import { Mask, masked } from './mask.js';
import { SecretMatcher } from './secret-matcher.js';
import { Spool } from './spool.js';
import { TerminalLines } from './terminal-lines.js';

/** How long the end of a job waits for the last acknowledgements; what is missing then is sent later from the spool. */
const END_WAIT_MS = 5000;
/** How long the state of a progress bar waits for the next one; doubled with each eighth of a line's limit that its states have taken. */
const REWRITE_WAIT_MS = 250;

export type { PublishChunk } from './chunk-sender.js';

export type LogLimits = { maxLineBytes: number; maxBytes: number };

export type AttemptLogOptions = {
  attempt: string;
  number: number;
  /** Key of the MAC on each chunk: the decoded bytes of `Work.key`. */
  key: Uint8Array;
  agentId: string;
  /** Values to mask, not names. */
  secrets: string[];
  limits: LogLimits;
  /** The agent's folder for spools, created if missing; chunks stay there until the server has sealed them. */
  spoolDir: string;
  publish: PublishChunk;
  /** Milliseconds since the epoch. */
  now?: () => number;
  /** Called each time the spool can't be written (disk full). Output continues, limited by memory. */
  onDiskError?: (error: unknown) => void;
};

/** A mark without its line: the log puts in the line that comes next. */
export type MarkHere =
  | { kind: 'step'; index: number; name: string }
  | { kind: 'step_end'; index: number; exitCode: number | null; durationMs: number };

/**
 * The log of one attempt: bytes in, numbered chunks out. Masks secrets, keeps the limits, publishes at once when nothing
 * is in flight, and keeps every chunk on disk until it is sealed.
 */
export interface AttemptLog {
  /** Number that the next line gets, from 0; for the `step_started` report. */
  readonly nextLine: number;
  /**
   * Output of a process, as it comes. A promise means back-pressure: stop reading the pipe until it resolves.
   * Writes count in the order of the calls, awaited or not.
   */
  write(bytes: Uint8Array): void | Promise<void>;
  /** Marks where a step begins or ends. Ends a line that is still open, so that the mark is between lines. Returns the line of the mark. */
  mark(mark: MarkHere): number;
  /** Adds a notice of the agent itself, on lines of its own and marked as such. Secrets in it are masked too. */
  notice(text: string): void;
  /**
   * Ends the log. Resolves when every chunk has been acknowledged, or after some seconds when all is on disk and will be sent
   * until it is. Writes afterwards are dropped. May be repeated.
   */
  end(): Promise<{ lastChunk: number; lines: number }>;
  /** Publishes again from chunk `from`; what is sealed and gone is left out. */
  resend(from: number): void;
  /** Chunks up to and including `through` are sealed; the spool is deleted once the last one is, or at LOG_COMPLETE: then nothing more is taken. */
  sealed(through: number): void;
  /** Resolves once everything is sealed and the spool is gone, or after `close`. */
  readonly done: Promise<void>;
  /** Stops sending and closes the files, which stay unless everything is sealed. */
  close(): Promise<void>;
}

export async function openAttemptLog(options: AttemptLogOptions): Promise<AttemptLog> {
  const spool = await Spool.open(join(options.spoolDir, options.attempt), options.onDiskError ?? (() => {}));
  return new SpooledLog(options, spool);
}

/** Called at the start of the agent: removes spools of attempts that an earlier agent process left behind. Nobody has their keys. */
export async function removeOldSpools(spoolDir: string): Promise<void> {
  await rm(spoolDir, { recursive: true, force: true });
}

class SpooledLog implements AttemptLog {
  private readonly matcher: SecretMatcher | null;
  /** Holds the beginning of what may become a secret. */
  private readonly mask: Mask | null;
  private readonly clean = new CleanText();
  private readonly builder: ChunkBuilder;
  private readonly lines: TerminalLines;
  /** Runs while a progress bar's state is held back. */
  private rewriteWait: NodeJS.Timeout | null = null;
  private readonly sender: ChunkSender;
  private readonly now: () => number;
  private readonly finished = Promise.withResolvers<void>();
  private ended: Promise<{ lastChunk: number; lines: number }> | null = null;
  private lastChunk: number | null = null;

  constructor(
    private readonly options: AttemptLogOptions,
    private readonly spool: Spool,
  ) {
    this.matcher = SecretMatcher.of(options.secrets);
    this.mask = this.matcher && new Mask(this.matcher);
    this.now = options.now ?? Date.now;
    this.builder = new ChunkBuilder({ ...options.limits, emit: (chunk) => this.emit(chunk) });
    this.lines = new TerminalLines(this.builder);
    this.sender = new ChunkSender({
      subject: subjects.logs(options.agentId, options.attempt),
      number: options.number,
      key: options.key,
      spool,
      publish: options.publish,
      onIdle: () => this.cutIfIdle(),
    });
  }

  get nextLine(): number {
    return this.builder.line;
  }

  get done(): Promise<void> {
    return this.finished.promise;
  }

  write(bytes: Uint8Array): void | Promise<void> {
    if (this.ended) return;
    const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const at = this.now();
    for (let start = 0; start < data.length; start += MAX_CHUNK_BYTES) {
      const part = data.subarray(start, start + MAX_CHUNK_BYTES);
      this.lines.push(this.clean.push(this.mask ? this.mask.push(part) : part), at);
    }
    this.cutIfIdle();
    return this.spool.pressure;
  }

  mark(mark: MarkHere): number {
    if (this.ended) return this.nextLine;
    this.flushInput();
    const short = mark.kind === 'step' ? { ...mark, name: shorten(mark.name, 200) } : mark;
    const line = this.builder.mark((at) => ({ ...short, line: at }), this.now());
    this.cutIfIdle();
    return line;
  }

  notice(text: string): void {
    if (this.ended) return;
    this.flushInput();
    this.builder.notice(masked(text.replaceAll('\0', '\u2400'), this.matcher), this.now());
    this.cutIfIdle();
  }

  end(): Promise<{ lastChunk: number; lines: number }> {
    this.ended ??= this.finish();
    return this.ended;
  }

  resend(from: number): void {
    this.sender.rewind(from);
  }

  sealed(through: number): void {
    const isAll = through === LOG_COMPLETE || (this.lastChunk !== null && through >= this.lastChunk);
    const work = isAll ? this.letGo({ keep: false }) : this.spool.release(through);
    work.catch((error) => this.options.onDiskError?.(error));
  }

  close(): Promise<void> {
    return this.letGo({ keep: true });
  }

  private async finish(): Promise<{ lastChunk: number; lines: number }> {
    this.flushInput();
    this.builder.closeLine(this.now());
    const lines = this.builder.line;
    const lastChunk = this.builder.nextChunk;
    this.builder.cut(true);
    this.lastChunk = lastChunk;
    const timeout = new Promise<void>((resolve) => setTimeout(resolve, END_WAIT_MS).unref());
    await Promise.race([this.sender.acknowledgedUpTo(lastChunk), timeout.then(() => this.spool.written()), this.done]);
    return { lastChunk, lines };
  }

  private async letGo({ keep }: { keep: boolean }): Promise<void> {
    this.ended ??= Promise.resolve({ lastChunk: this.builder.nextChunk - 1, lines: this.builder.line });
    if (this.rewriteWait) clearTimeout(this.rewriteWait);
    await this.sender.close();
    await this.spool.close({ keep }).finally(() => this.finished.resolve());
  }

  private cutIfIdle(): void {
    if (!this.sender.idle || this.builder.isEmpty) return;
    if (this.builder.rewritten === 0) this.builder.cut();
    else if (!this.rewriteWait) this.waitForNextState();
  }

  /** A progress bar may change a thousand times a second, and each state that is sent out is stored. */
  private waitForNextState(): void {
    const { maxLineBytes } = this.options.limits;
    const eighths = Math.floor((8 * this.builder.rewritten) / maxLineBytes);
    if (eighths >= 8) return;
    this.rewriteWait = setTimeout(() => {
      this.rewriteWait = null;
      if (this.sender.idle && !this.builder.isEmpty) this.builder.cut();
    }, REWRITE_WAIT_MS << eighths);
  }

  private emit(chunk: RawLogChunk): void {
    const body = encodeLogChunk(chunk);
    this.spool.append(chunk.n, body);
    this.sender.add(chunk.n, body);
  }

  private flushInput(): void {
    const at = this.now();
    if (this.mask) this.lines.push(this.clean.push(this.mask.flush()), at);
    this.lines.push(this.clean.flush(), at);
    this.lines.flush(at);
  }
}
