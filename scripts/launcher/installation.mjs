import { rename, writeFile } from 'node:fs/promises';
import { Problem } from '../services/problem.mjs';
import { nameProcess } from './process-facts.mjs';
import { Supervised } from './supervisor.mjs';

/** Ends before what it uses. */
const STOP_ORDER = /** @type {const} */ (['agent', 'router', 'server', 'nats-server', 'Postgres']);

/** All that runs of one installation. Its file names the processes, for the next start and for people who look for one. */
export class Installation {
  /** @type {Supervised[]} */
  #running = [];
  /** @type {Record<string, import('./process-facts.mjs').ProcessName>} */
  #processes = {};
  /** @type {Record<string, string>} */
  #facts = {};
  #writing = Promise.resolve();
  #stopped = false;

  /** @param {string} file @param {(message: string) => void} say */
  constructor(file, say) {
    this.file = file;
    this.say = say;
  }

  /** @param {Record<string, string>} facts */
  note(facts) {
    this.#facts = { ...this.#facts, ...facts };
    this.#write();
  }

  /**
   * Starts a service and keeps it running.
   * @param {import('../services/service.mjs').Service} service
   * @param {{ isReadyAtOnce?: boolean }} [options] for a program whose word "ready" is not waited for
   * @returns {Promise<unknown>} its message `{kind: 'ready', …}`, if it is one that sends messages
   */
  async start(service, { isReadyAtOnce = false } = {}) {
    /** @type {unknown} */
    let ready;
    const waitsForWord = service.ipc === true && !isReadyAtOnce;
    // The pid for which the word was given: after a restart the new process must say it again.
    let readyPid = 0;
    const supervised = new Supervised(waitsForWord ? { ...service, isReady: (pid) => Promise.resolve(readyPid === pid) } : service, {
      say: this.say,
      onStarted: (name, pid) => this.#started(name, pid),
      onMessage: (message) => {
        if (/** @type {{ kind?: string } | null} */ (message)?.kind !== 'ready') return;
        ready = message;
        readyPid = supervised.child?.pid ?? 0;
      },
    });
    // Whatever was being prepared when the stop began is not started any more.
    if (this.#stopped) throw new Problem(`${service.name} was not started, because Slipway is stopping.`);
    this.#running.push(supervised);
    await supervised.start();
    return ready;
  }

  /** @param {string} name @param {unknown} [message] said to it instead of a signal */
  restart(name, message) {
    this.#running.find((supervised) => supervised.name === name)?.restart(message);
  }

  /**
   * In order. What is still starting is stopped too.
   * @param {Partial<Record<(typeof STOP_ORDER)[number], () => Promise<void>>>} after ends what that one has left running
   */
  async stopAll(after) {
    this.#stopped = true;
    for (const supervised of this.#running) supervised.stopping = true;
    for (const name of STOP_ORDER) {
      const found = this.#running.find((supervised) => supervised.name === name);
      await found?.stop(name === 'agent' ? { kind: 'stop', instances: true } : undefined);
      await after[name]?.();
    }
    await this.#writing;
  }

  killAll() {
    for (const supervised of this.#running) supervised.kill();
  }

  /** @param {string} name @param {number} pid */
  #started(name, pid) {
    this.#processes[name] = nameProcess(pid);
    this.#write();
  }

  /** One write at a time; a failed one matters only after a kill -9, and is said. */
  #write() {
    this.#writing = this.#writing.then(async () => {
      try {
        await writeFile(`${this.file}.new`, JSON.stringify({ ...this.#facts, processes: this.#processes }, null, 2), { mode: 0o600 });
        await rename(`${this.file}.new`, this.file);
      } catch (error) {
        this.say(`${this.file} could not be written: ${/** @type {Error} */ (error).message}`);
      }
    });
  }
}
