import { setTimeout as sleep } from 'node:timers/promises';
import { hasEnded, killGroup, rotateLog, spawnService, untilReady } from '../services/service.mjs';

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;
/** A process that was told over IPC says at once that it has heard. One that is stuck does not, and needs not be waited for. */
const HEARS_WITHIN_MS = 10_000;
/** Up for that long, a process is healthy, and its next end is taken as the first one. */
const SETTLED_MS = 30_000;

/**
 * Keeps one service running: whenever it ends, for whatever reason, it is started again, at once at first, and later at growing intervals if that
 * does not help.
 */
export class Supervised {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  child;
  /** Set for good by `stop`. */
  stopping = false;
  #waitMs = FIRST_WAIT_MS;
  #isReplaced = false;
  /** Ends a wait between two starts. */
  #endWait = () => {};
  /** Heard it say that it is ready, so that it listens for the end of its channel. @type {import('node:child_process').ChildProcess | undefined} */
  #ready;

  /**
   * @param {import('../services/service.mjs').Service} service
   * @param {{ onStarted(name: string, pid: number): void, say(message: string): void, onMessage?: (message: unknown) => void }} hooks
   */
  constructor(service, hooks) {
    this.service = service;
    this.hooks = hooks;
  }

  get name() {
    return this.service.name;
  }

  /** Resolves when it is ready. Rejects when it ends before: the first start is not tried again. */
  async start() {
    await rotateLog(this.service.logFile);
    if (this.stopping) return;
    const child = await this.#spawn();
    await this.#untilReady(child);
    if (hasEnded(child)) void this.#startAgain();
    else child.once('exit', () => void this.#startAgain());
  }

  /**
   * Asks it to end, and ends it with all that it started when it does not in time.
   * @param {unknown} [message] said over IPC instead of a signal; `{kind: 'stopping'}` is the answer
   */
  async stop(message) {
    this.stopping = true;
    const child = this.child;
    if (!child || child.pid === undefined || hasEnded(child)) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const timers = [setTimeout(() => this.kill(), this.service.stopWithinMs)];
    if (message !== undefined && child.connected) {
      const deaf = setTimeout(() => this.kill(), HEARS_WITHIN_MS);
      timers.push(deaf);
      child.on('message', (answer) => /** @type {{ kind?: string }} */ (answer)?.kind === 'stopping' && clearTimeout(deaf));
      child.send(/** @type {import('node:child_process').Serializable} */ (message), () => undefined);
    } else if (this.service.endsWithChannel && child === this.#ready && child.connected) child.disconnect();
    else child.kill(this.service.stopSignal);
    await ended;
    for (const timer of timers) clearTimeout(timer);
    killGroup(child.pid);
  }

  /**
   * Runs its new code: ends it, and starts it again at once, however often it ended lately.
   * @param {unknown} [message] said over IPC instead of a signal
   */
  restart(message) {
    const child = this.child;
    this.#waitMs = FIRST_WAIT_MS;
    if (!child || hasEnded(child)) return this.#endWait();
    this.#isReplaced = true;
    if (message !== undefined && child.connected)
      child.send(/** @type {import('node:child_process').Serializable} */ (message), () => undefined);
    else child.kill(this.service.stopSignal);
  }

  /** Now, with all that is in its process group. */
  kill() {
    this.stopping = true;
    if (this.child?.pid !== undefined) killGroup(this.child.pid);
  }

  async #spawn() {
    await this.service.beforeStart?.();
    if (this.stopping) throw new Error(`${this.name} is no longer started.`);
    const child = spawnService(this.service);
    this.child = child;
    if (child.pid !== undefined) this.hooks.onStarted(this.name, child.pid);
    child.on('message', (message) => this.hooks.onMessage?.(message));
    return child;
  }

  /** @param {import('node:child_process').ChildProcess} child */
  async #untilReady(child) {
    await untilReady(this.service, child);
    this.#ready = child;
  }

  async #startAgain() {
    while (!this.stopping) {
      const child = this.child;
      const why = this.#isReplaced ? 'changed' : `ended (${child?.signalCode ?? `exit code ${child?.exitCode}`})`;
      this.#isReplaced = false;
      this.hooks.say(`${this.name} ${why}; starting it again`);
      if (child?.pid !== undefined) killGroup(child.pid);
      await this.#wait();
      if (this.stopping) return;
      this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
      if (await this.#cameBack()) return;
    }
  }

  async #wait() {
    const wait = new AbortController();
    this.#endWait = () => wait.abort();
    await sleep(this.#waitMs, undefined, { signal: wait.signal }).catch(() => undefined);
  }

  async #cameBack() {
    try {
      const child = await this.#spawn();
      await this.#untilReady(child);
      const settled = setTimeout(() => (this.#waitMs = FIRST_WAIT_MS), SETTLED_MS);
      child.once('exit', () => {
        clearTimeout(settled);
        void this.#startAgain();
      });
      this.hooks.say(`${this.name} is back`);
      return true;
    } catch (error) {
      if (!this.stopping && !this.#isReplaced) this.hooks.say(/** @type {Error} */ (error).message);
      if (this.child?.pid !== undefined) killGroup(this.child.pid);
      return false;
    }
  }
}
