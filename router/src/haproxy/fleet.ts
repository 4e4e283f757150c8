import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RouteOptions } from '@slipway/protocol';
import type { Logger } from 'pino';
import { type Server, shapeOf } from './configuration.js';
import { HaproxyProcess, NotStarted, type ServerCounts } from './process.js';
import { RuntimeUnreachable } from './runtime-socket.js';

/** Between two looks at processes that finish what they have in hand. */
const LOOK_MS = 1_000;
/** The same, when all is to end soon. */
const DONE_LOOK_MS = 20;
/** With so many servers that are not used any more, a new process is worth its while. */
const MAX_LEFT_OVERS = 200;
/** Between tries to start one that did not come up. */
const RETRY_MS = 200;

export type FleetOptions = {
  dir: string;
  program: string;
  version: string;
  /** Descriptor that log lines are written to. */
  log: number;
  /** The configuration for the process of that number, of what should be served now. */
  configure: (number: number) => Promise<string>;
  /** HAProxy does not come up; called before each new try. May leave out what can't be served. */
  onStartFailed: (error: Error) => Promise<void>;
  logger: Logger;
};

/** The HAProxy that serves, and earlier ones that finish what they have begun. Only one change at a time: callers take turns. */
export class Fleet {
  private present: HaproxyProcess | null = null;
  private readonly earlier = new Set<HaproxyProcess>();
  private readonly looking: NodeJS.Timeout;
  private lastNumber = 0;
  private closed = false;
  private reviving: Promise<void> | null = null;
  /** Two that start at once would take the ports from each other. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: FleetOptions) {
    this.looking = setInterval(() => void this.look(), LOOK_MS);
    this.looking.unref();
  }

  /** Takes over what an earlier router left running, or starts one. @param deaf what runs writes its log to where nobody reads */
  async begin(deaf: boolean): Promise<void> {
    await mkdir(this.options.dir, { recursive: true, mode: 0o700 });
    const found = await this.findRunning();
    this.present = found.filter(({ stopping }) => !stopping).at(-1) ?? null;
    for (const process of found) if (process !== this.present) this.retire(process);
    if (!this.present) return this.startFirst();
    this.watch(this.present);
    if (!deaf && (await this.isUpToDate(this.present))) return;
    await this.reload().catch((error: unknown) => {
      if (!(error instanceof NotStarted)) throw error;
      this.options.logger.error({ err: error }, "HAProxy can't be updated; it keeps serving what it serves.");
    });
  }

  /** Whether new requests reach this environment, or will: one that is started again serves all that is wanted. */
  serves(environmentId: string): boolean {
    return this.present?.environments().includes(environmentId) ?? true;
  }

  /** A port that another program has taken meanwhile costs its own environment alone. */
  private async startFirst(): Promise<void> {
    try {
      await this.reload();
    } catch (error) {
      await this.options.onStartFailed(error as Error);
      await this.reload();
    }
  }

  /**
   * A new process with today's configuration takes over the listening sockets; the one before finishes what it has in hand.
   * @throws NotStarted; the one before goes on as it was.
   */
  reload(): Promise<void> {
    return this.inTurn(() => this.replace());
  }

  private async replace(): Promise<void> {
    const before = this.present;
    const number = ++this.lastNumber;
    const { dir, program, log } = this.options;
    await writeFile(join(dir, `${number}.cfg`), await this.options.configure(number), { mode: 0o600 });
    this.present = await HaproxyProcess.start(dir, number, { program, from: before, log }).catch((error: unknown) => {
      if (!before || this.present === before) throw error;
      return HaproxyProcess.start(dir, number, { program, from: null, log }); // the one before has ended meanwhile
    });
    this.watch(this.present);
    if (before) this.retire(before);
    await this.removeOldFiles();
  }

  /** In every process that knows the environment. */
  async sync(environmentId: string, servers: readonly Server[], options: RouteOptions): Promise<void> {
    await this.everywhere((process) => process.sync(environmentId, servers, options));
    if ((this.present?.leftOvers ?? 0) > MAX_LEFT_OVERS) await this.reload();
  }

  async setMap(file: string, entries: readonly [string, string | null][]): Promise<void> {
    await this.everywhere((process) => process.setMap(file, entries));
  }

  async takeOut(environmentId: string, server: string): Promise<void> {
    await this.everywhere((process) => process.takeOut(environmentId, server));
  }

  async cut(environmentId: string, server: string): Promise<void> {
    await this.everywhere((process) => process.cut(environmentId, server));
  }

  /** Of an environment that is gone, or that an earlier process alone still knows. */
  async cutAll(environmentId: string): Promise<void> {
    await this.everywhere(async (process) => {
      for (const server of process.serversOf(environmentId)) await process.cut(environmentId, server);
    });
  }

  environmentsOfEarlier(): Set<string> {
    return new Set([...this.earlier].flatMap((process) => process.environments()));
  }

  /** Sums over all processes, by the server's name. */
  async counts(environmentId: string): Promise<Map<string, ServerCounts>> {
    const sums = new Map<string, ServerCounts>();
    await this.everywhere(async (process) => {
      for (const [name, { sessions, streams }] of await process.counts(environmentId)) {
        const sum = sums.get(name) ?? { sessions: 0, streams: 0 };
        sums.set(name, { sessions: sum.sessions + sessions, streams: sum.streams + streams });
      }
    });
    return sums;
  }

  get exporterSocket(): string | null {
    return this.present && join(this.options.dir, exporterName(this.present.number));
  }

  /** Lets go of all processes, which go on. */
  close(): void {
    this.closed = true;
    clearInterval(this.looking);
    this.present?.letGo();
    // Those that are stopping would end with our connection; what they still have in hand holds them.
    for (const process of this.earlier) process.letGo();
  }

  /** Ends all of them: nothing new at once, what is in hand within `drainMs`. */
  async end(drainMs: number): Promise<void> {
    this.closed = true;
    clearInterval(this.looking);
    const all = this.all();
    for (const process of all) if (!process.stopping) process.softStop();
    const done = all.map(async (process) => {
      for (const giveUpAt = performance.now() + drainMs; performance.now() < giveUpAt; await sleep(DONE_LOOK_MS))
        if (await process.isDone().catch(() => true)) return;
    });
    await Promise.all(done);
    for (const process of all) process.end();
    await Promise.all(all.map(({ ended }) => ended));
  }

  private all(): HaproxyProcess[] {
    return [...(this.present ? [this.present] : []), ...this.earlier];
  }

  /** If a process ends during the change, that is not a failure: the configuration of the next one contains what it knew. */
  private async everywhere(act: (process: HaproxyProcess) => Promise<void>): Promise<void> {
    await this.reviving;
    await Promise.all(
      this.all().map((process) =>
        act(process).catch((error: unknown) => {
          if (!(error instanceof RuntimeUnreachable)) throw error;
        }),
      ),
    );
    await this.reviving;
  }

  private watch(process: HaproxyProcess): void {
    void process.ended.then(() => {
      if (this.closed || this.present !== process) return;
      this.options.logger.error({ pid: process.pid }, 'HAProxy ended; starting it again.');
      this.present = null;
      this.reviving = this.revive().finally(() => {
        this.reviving = null;
      });
    });
  }

  private async revive(): Promise<void> {
    while (!this.closed && !this.present) {
      try {
        await this.inTurn(async () => {
          if (!this.present) await this.replace();
        });
      } catch (error) {
        if (!(error instanceof NotStarted)) this.options.logger.error({ err: error }, 'HAProxy could not be started again.');
        await this.options.onStartFailed(error as Error);
        await sleep(RETRY_MS);
      }
    }
  }

  private inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.turn.then(act, act);
    this.turn = turn.catch(() => undefined);
    return turn;
  }

  private retire(process: HaproxyProcess): void {
    this.earlier.add(process);
    if (!process.stopping) process.softStop();
    void process.ended.then(() => this.earlier.delete(process));
  }

  private async look(): Promise<void> {
    for (const process of this.earlier) if (await process.isIdle().catch(() => false)) process.letGo();
  }

  private async findRunning(): Promise<HaproxyProcess[]> {
    const numbers = (await readdir(this.options.dir))
      .map((name) => Number(/^(\d+)\.(sock|cfg)$/.exec(name)?.[1] ?? 0))
      .filter((number, i, all) => number > 0 && all.indexOf(number) === i)
      .sort((a, b) => a - b);
    this.lastNumber = numbers.at(-1) ?? 0;
    const found = await Promise.all(numbers.map((number) => HaproxyProcess.adopt(this.options.dir, number)));
    return found.filter((process) => process !== null);
  }

  private async isUpToDate(process: HaproxyProcess): Promise<boolean> {
    if (process.version !== this.options.version) return false;
    const text = await readFile(join(this.options.dir, `${process.number}.cfg`), 'utf8').catch(() => '');
    return shapeOf(text) === shapeOf(await this.options.configure(process.number));
  }

  private async removeOldFiles(): Promise<void> {
    const used = new Set(this.all().map(({ number }) => number));
    const names = await readdir(this.options.dir);
    const old = names.filter(
      (name) => /^\d+\./.test(name) && !used.has(Number.parseInt(name, 10)) && Number.parseInt(name, 10) < this.lastNumber,
    );
    await Promise.all(old.map((name) => rm(join(this.options.dir, name), { force: true })));
  }
}

export const exporterName = (number: number): string => `${number}.exporter.sock`;
