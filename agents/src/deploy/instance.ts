import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DesiredRelease, InstanceState, ObservedInstance } from '@slipway/protocol';
import { DiskWatch } from '../sandbox/disk-watch.js';
import { isAlive, type ProcessId } from '../sandbox/process-tree.js';
import { removeTree } from '../sandbox/remove-tree.js';
import { GRACE_MS, type Sandbox, type SandboxSpec } from '../sandbox/sandbox.js';
import { EndWatch } from './end-watch.js';
import type { InstanceRecord } from './environment-state.js';
import { type HealthAnswer, HealthProbe } from './health-check.js';
import { HealthStreak } from './health-streak.js';
import { type End, endText, exitText, memoryText } from './instance-end.js';
import { listenersOf, whyNothingAnswers } from './instance-listeners.js';
import { boundOutput, lastLines } from './instance-output.js';
import { HOME } from './instance-spec.js';
import { adoptKept, exitCodeAfter, exitCodeOf, type KeptProcess, OUTPUT_FILE, startKept } from './keeper.js';
import { ListenerWatch } from './listener-watch.js';
import { PortOwner } from './port-owner.js';

export type InstanceOptions = {
  record: InstanceRecord;
  release: DesiredRelease;
  /** Of this instance alone. */
  folder: string;
  sandbox: Sandbox;
  /** What its files may take; null: no limit. */
  storageMib: number | null;
  /** The same port unless another process has taken it meanwhile. */
  portFor: (port: number) => Promise<number>;
  /** Made anew for each start. */
  spec: () => Promise<SandboxSpec>;
  /** See {@link Sandbox.stop}. */
  beforeKill: () => Promise<void>;
  /** What a person should read in the deployment's log. */
  tell: (line: string) => void;
  /** The record, or `failure`, has changed. */
  changed: () => void;
};

/** Between two looks while it is not healthy; the interval of the health check holds from then on. */
const STARTING_LOOK_MS = 100;
/** A new release that ends this often before it was ever healthy is given up, though its time is not over. */
const MAX_EARLY_EXITS = 3;
const FIRST_PAUSE_MS = 250;
const BOUND_OUTPUT_EVERY_MS = 1_000;
const MAX_PAUSE_MS = 30_000;
/** A restart after this long in health begins again with the shortest pause. */
const GOOD_RUN_MS = 60_000;
const SHOWN_LINES = 15;
const LOST: HealthAnswer = { healthy: false, told: 'was not sent: the process that listened on the port given by PORT has ended' };
/** How long a restart counts as a sign that an instance is unwell. */
const RECENT_MS = 60 * 60_000;

/**
 * One running copy of a release: started or adopted, watched, restarted at growing intervals, stopped. Its process outlives the agent; `close` stops
 * watching it, `stop` ends it.
 */
export class Instance {
  /** Set when a new release did not become healthy; then nothing of it runs any more. */
  failure: string | null = null;
  private readonly stopping = new AbortController();
  private running: KeptProcess | null = null;
  private living: Promise<void> = Promise.resolve();
  private closed = false;
  private endsInARow = 0;
  private hasAnswered = false;

  constructor(private readonly options: InstanceOptions) {}

  get record(): InstanceRecord {
    return this.options.record;
  }

  get release(): DesiredRelease {
    return this.options.release;
  }

  get isHealthy(): boolean {
    return this.record.state === 'healthy';
  }

  /** What it prints belongs to its start. */
  get isStarting(): boolean {
    return !this.record.proven && !this.hasAnswered;
  }

  get outputFile(): string {
    return join(this.options.folder, OUTPUT_FILE);
  }

  /** Adopts the process that an earlier agent left, or starts one. */
  begin(): void {
    this.living = this.live();
  }

  /** One that an earlier agent gave up. */
  beginGivenUp(): void {
    this.failure = this.record.message ?? 'It had already failed before the agent was restarted.';
  }

  /** Shown as draining from now on, and not started again; it goes on serving. */
  drain(): void {
    this.move('draining', null);
  }

  /** SIGTERM to the whole tree; SIGKILL after the grace time. Resolves when nothing of it runs. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.living;
    await this.end();
    this.move('stopped', null);
  }

  /** Stops looking; the process goes on and can be adopted. */
  async close(): Promise<void> {
    this.closed = true;
    this.stopping.abort();
    await this.living;
  }

  async removeFiles(): Promise<void> {
    await removeTree(this.options.folder);
  }

  observe(): ObservedInstance {
    const { instanceId, releaseId, state, port, startedAt, restarts, exitCode, message, limits } = this.record;
    const recentRestarts = recentOf(this.record.restartedAt, Date.now()).length;
    return {
      instanceId,
      releaseId,
      state,
      port,
      pid: this.running?.id.pid ?? null,
      startedAt,
      restarts,
      recentRestarts,
      exitCode,
      message,
      limits,
    };
  }

  private async live(): Promise<void> {
    this.running = await adoptKept(this.options.folder);
    if (!this.running) await this.noteWhatEndedMeanwhile();
    while (!this.stopping.signal.aborted) {
      const end = await this.oneLife();
      if (!end) return;
      this.noteEnd(end); // first of all it gets no more requests
      await this.end();
      if (end.kind === 'out_of_storage') await removeTree(join(this.options.folder, HOME)); // or it would be too much again at once
      if (this.record.state === 'draining') return;
      this.endsInARow++;
      if (this.isHopeless(end)) return this.giveUp(await this.explain(end));
      await this.pause(Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.endsInARow - 1)));
      this.countRestart();
    }
  }

  private async noteWhatEndedMeanwhile(): Promise<void> {
    if (this.record.state === 'stopped') this.move('starting', null);
    if (!this.isHealthy) return;
    this.noteEnd({ kind: 'exited', code: await exitCodeOf(this.options.folder) });
    this.countRestart();
  }

  private countRestart(): void {
    const { record } = this;
    record.restarts++;
    record.restartedAt = recentOf([...record.restartedAt, Date.now()], Date.now());
  }

  /** @returns null when it is to be stopped or let go. */
  private async oneLife(): Promise<End | null> {
    try {
      this.running ??= await this.start();
      return await this.watch(this.running);
    } catch (error) {
      return { kind: 'not_started', why: (error as Error).message };
    }
  }

  private async start(): Promise<KeptProcess> {
    const { sandbox, folder, record, release } = this.options;
    await sandbox.destroy(record.instanceId, null); // left by an agent that died before it could note the process
    record.port = await this.options.portFor(record.port);
    this.options.tell(`Starting ${release.version} on port ${record.port}${record.restarts > 0 ? ` (restart ${record.restarts})` : ''}`);
    record.startedAt = new Date().toISOString();
    record.listener = null;
    this.hasAnswered = false;
    const running = await startKept(folder, await sandbox.prepare(await this.options.spec()));
    this.options.changed();
    return running;
  }

  private watchDisk(): DiskWatch {
    const { sandbox, folder, storageMib: limitMib, record } = this.options;
    return new DiskWatch({ folder, limitMib, unnamedBytes: () => sandbox.unnamedBytes(record.instanceId, folder) });
  }

  private async watch(process: KeptProcess): Promise<End | null> {
    const { health } = this.release;
    using probe = new HealthProbe(this.record.port, health);
    using disk = this.watchDisk();
    const owner = new PortOwner(this.record.port, process.id);
    const streak = new HealthStreak(health, performance.now(), this.isHealthy);
    using listeners = new ListenerWatch(process.id, this.record.port);
    using ends = new EndWatch();
    const exit = new AbortController();
    process.ended.then(() => exit.abort());
    ends.watch(process.id, () => exit.abort());
    const over = AbortSignal.any([exit.signal, this.stopping.signal, disk.exceeded]);
    const startedAt = performance.now();
    for (let resting = over; ; ) {
      const checked = await ownAnswer(await probe.check(health.timeoutMs, resting), owner);
      const isLost = listeners.takeLost();
      const answer = isLost ? LOST : checked;
      this.noteListener(owner.listener);
      if (this.stopping.signal.aborted) return null;
      if (disk.exceeded.aborted) return { kind: 'out_of_storage', told: disk.told };
      if (exit.signal.aborted || !isAlive(process.id)) return this.exited(process);
      const now = performance.now();
      const turn = streak.see(answer.healthy, now, isLost);
      if (turn === 'out_of_time') return { kind: turn, answer: await this.explained(answer, process.id) };
      if (turn === 'became_healthy') await this.becameHealthy(now - startedAt, probe, over);
      if (turn === 'became_unhealthy') this.move('unhealthy', `GET ${health.path} ${(await this.explained(answer, process.id)).told}`);
      if (streak.healthyForMs(now) > GOOD_RUN_MS) this.endsInARow = 0;
      if (answer.healthy) await listeners.begin();
      if (resting === over || isLost) resting = AbortSignal.any([over, listeners.lost]);
      await this.rest(resting, streak.isHealthy ? health.intervalMs : Math.min(STARTING_LOOK_MS, health.intervalMs));
    }
  }

  /** The exit code comes later, and meanwhile an ended process gets no more requests. */
  private async exited(process: KeptProcess): Promise<End> {
    const { folder, sandbox, record } = this.options;
    if (this.isHealthy) this.move('unhealthy', 'It has ended');
    const code = await exitCodeAfter(folder, process);
    const { outOfMemory } = await sandbox.ranOut(record.instanceId);
    return { kind: 'exited', code, ...(outOfMemory && { memory: memoryText(record) }) };
  }

  private async explained(answer: HealthAnswer, root: ProcessId): Promise<HealthAnswer> {
    const why = answer.unanswered ? whyNothingAnswers(await listenersOf(root), this.record.port) : null;
    return why ? { ...answer, told: `was not answered: ${why}` } : answer;
  }

  private noteListener(listener: ProcessId | null): void {
    const { record } = this;
    if (listener === null || (listener.pid === record.listener?.pid && listener.startTime === record.listener.startTime)) return;
    record.listener = { pid: listener.pid, startTime: listener.startTime };
    this.options.changed();
  }

  /** Until the next look, which may be minutes away: an application that prints without end would have filled the disk by then. */
  private async rest(over: AbortSignal, restMs: number): Promise<void> {
    for (let leftMs = restMs; leftMs > 0 && !over.aborted; leftMs -= BOUND_OUTPUT_EVERY_MS) {
      await boundOutput(this.outputFile);
      await waitUnless(over, Math.min(leftMs, BOUND_OUTPUT_EVERY_MS));
    }
  }

  /** A new one is warmed before anybody is told; one that served before is missed, and serves again at once. */
  private async becameHealthy(afterMs: number, probe: HealthProbe, over: AbortSignal): Promise<void> {
    this.hasAnswered = true;
    this.options.tell(`${this.release.version} on port ${this.record.port} is healthy after ${(afterMs / 1000).toFixed(1)} s`);
    if (!this.record.proven) await probe.warmUp(over);
    if (over.aborted) return; // it ended under it, or is to stop: the next look sees to that
    this.record.proven = true;
    this.move('healthy', null);
  }

  private isHopeless(end: End): boolean {
    return !this.record.proven && (end.kind === 'out_of_time' || this.endsInARow >= MAX_EARLY_EXITS);
  }

  private async explain(end: End): Promise<string> {
    const { health, secrets } = this.release;
    const what = {
      exited: () => `It ended ${MAX_EARLY_EXITS} times before it was healthy, the last time ${exitText(end)}`,
      out_of_storage: () => endText(end, health.path),
      out_of_time: () => `It was not healthy within ${health.startupMs / 1000} s: ${endText(end, health.path)}`,
      not_started: () => `It could not be started: ${endText(end, health.path)}`,
    }[end.kind]();
    const output = await lastLines(this.outputFile, SHOWN_LINES, Object.values(secrets));
    return output === '' ? `${what}. It printed nothing.` : `${what}. Its last output:\n${output}`;
  }

  private giveUp(message: string): void {
    this.failure = message;
    this.move('stopped', message);
  }

  private noteEnd(end: End): void {
    if (end.kind === 'exited') this.record.exitCode = end.code;
    this.move(this.record.proven ? 'unhealthy' : 'starting', endText(end, this.release.health.path));
  }

  private async end(): Promise<void> {
    const { sandbox, folder, record, beforeKill } = this.options;
    const process = this.running ?? (await adoptKept(folder));
    this.running = null;
    if (process) await sandbox.stop(record.instanceId, process.id, GRACE_MS, beforeKill);
    else await sandbox.destroy(record.instanceId, null);
  }

  /** What drains stays so until it has stopped. */
  private move(state: InstanceState, message: string | null): void {
    if (this.closed || (this.record.state === 'draining' && state !== 'stopped')) return;
    this.record.state = state;
    this.record.message = message;
    this.options.changed();
  }

  private async pause(pauseMs: number): Promise<void> {
    await waitUnless(this.stopping.signal, pauseMs);
  }
}

/** The growing pauses between restarts limit how many there can be. */
function recentOf(restartedAt: readonly number[], nowMs: number): number[] {
  return restartedAt.filter((at) => at > nowMs - RECENT_MS);
}

/** Resolves after the time, or at once when the signal says so. */
async function waitUnless(signal: AbortSignal, waitMs: number): Promise<void> {
  await sleep(waitMs, undefined, { signal }).catch((error: Error) => {
    if (!signal.aborted) throw error;
  });
}

/** An answer of another process says nothing about the instance, and that process must get none of its traffic. */
async function ownAnswer(answer: HealthAnswer, owner: PortOwner): Promise<HealthAnswer> {
  if (!answer.healthy || (await owner.look()) !== 'other') return answer;
  return { healthy: false, told: 'was answered by another process, which listens on the port given by PORT' };
}
