import { Worker } from 'node:worker_threads';

/** Reading input of strangers took more time or memory than it may. */
export class TooCostly extends Error {
  constructor(readonly limit: 'time' | 'memory') {
    super(`Reading this took more ${limit} than it may.`);
    this.name = 'TooCostly';
  }
}

export type ReaderThreadOptions = {
  /** Its program, which calls `answerQuestions`. */
  program: URL;
  /** CPU time for one question. On a busy machine the wall clock may take {@link CLOCK_FACTOR} times as long. */
  timeLimitMs: number;
  /** For everything in the thread's heap. */
  memoryMib: number;
  /** After this long without questions the thread ends and frees its memory. */
  idleMs: number;
};

const YOUNG_HEAP_MIB = 16;
const CLOCK_FACTOR = 6;
/** How many times the CPU time is checked before it is used up. */
const LOOKS = 5;

/**
 * Reads input of strangers in a thread of its own, so that it never blocks the event loop that serves others. It answers questions one at a time, in
 * order. A thread that uses too much time or memory is ended, and the next question gets a new one. The thread ends with the process, and does not
 * keep it alive.
 */
export class ReaderThread<Question, Answer> {
  private worker: Promise<Worker> | null = null;
  private last: Promise<unknown> = Promise.resolve();
  private idle: NodeJS.Timeout | undefined;

  constructor(private readonly options: ReaderThreadOptions) {}

  /** @throws TooCostly; what the program throws is thrown too */
  ask(question: Question): Promise<Answer> {
    const answer = this.last.then(() => this.answer(question));
    this.last = answer.catch(() => undefined);
    return answer;
  }

  private async answer(question: Question): Promise<Answer> {
    clearTimeout(this.idle);
    this.worker ??= this.start();
    try {
      return (await answerOf(await this.worker, question, this.options.timeLimitMs)) as Answer;
    } catch (error) {
      this.end();
      throw error;
    } finally {
      this.idle = setTimeout(() => this.end(), this.options.idleMs).unref();
    }
  }

  private start(): Promise<Worker> {
    const starting = started(this.options, () => {
      if (this.worker === starting) this.worker = null;
    });
    return starting;
  }

  private end(): void {
    const ending = this.worker;
    this.worker = null;
    ending?.then((worker) => worker.terminate()).catch(() => undefined); // it never started: who asked was told
  }
}

async function started({ program, memoryMib }: ReaderThreadOptions, ended: () => void): Promise<Worker> {
  const worker = new Worker(program, {
    resourceLimits: { maxOldGenerationSizeMb: memoryMib, maxYoungGenerationSizeMb: YOUNG_HEAP_MIB },
  });
  await nextMessage(worker);
  worker.on('error', () => undefined); // told to who asks; without a listener it would end the server
  worker.once('exit', ended);
  worker.unref();
  return worker;
}

async function answerOf(worker: Worker, question: unknown, timeLimitMs: number): Promise<unknown> {
  worker.ref();
  const giveUp = new AbortController();
  const timer = watchTime(worker, await worker.cpuUsage(), timeLimitMs, () => giveUp.abort(new TooCostly('time')));
  try {
    worker.postMessage(question);
    return await nextMessage(worker, giveUp.signal);
  } finally {
    clearInterval(timer);
    worker.unref();
  }
}

function watchTime(worker: Worker, before: NodeJS.CpuUsage, limitMs: number, isUp: () => void): NodeJS.Timeout {
  const start = performance.now();
  return setInterval(async () => {
    if (performance.now() - start > CLOCK_FACTOR * limitMs) return isUp();
    const used = await worker.cpuUsage(before).catch(() => null); // it has ended, which is told to who asks
    if (used && (used.user + used.system) / 1_000 > limitMs) isUp();
  }, limitMs / LOOKS);
}

function nextMessage(worker: Worker, giveUp?: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => done(() => reject(isOutOfMemory(error) ? new TooCostly('memory') : error));
    const exited = (code: number) => done(() => reject(new Error(`The reading thread ended with ${code}.`)));
    const answered = (message: unknown) => done(() => resolve(message));
    const gaveUp = () => done(() => reject(giveUp?.reason));
    const done = (settle: () => void) => {
      worker.off('error', failed).off('exit', exited).off('message', answered);
      giveUp?.removeEventListener('abort', gaveUp);
      settle();
    };
    worker.once('error', failed).once('exit', exited).once('message', answered);
    giveUp?.addEventListener('abort', gaveUp);
  });
}

const isOutOfMemory = (error: Error): boolean => (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';
