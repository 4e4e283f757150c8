import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ReaderThread, TooCostly } from './reader-thread.js';
import type { SampleQuestion } from './testing/sample-program.js';

const aThread = (limits: { timeLimitMs?: number; memoryMib?: number; idleMs?: number } = {}) =>
  new ReaderThread<SampleQuestion, unknown>({
    program: new URL('./testing/sample-program.js', import.meta.url),
    timeLimitMs: 20_000,
    memoryMib: 64,
    idleMs: 60_000,
    ...limits,
  });

describe('a reader thread', () => {
  it('answers in order, and is the same one as long as there are questions', async () => {
    const thread = aThread();
    const answers = await Promise.all([thread.ask({ echo: 1 }), thread.ask({ echo: 2 }), thread.ask('number')]);
    expect(answers.slice(0, 2)).toEqual([1, 2]);
    expect(await thread.ask('number')).toBe(answers[2]);
  });

  it('leaves the loop of others alone while it works', async () => {
    const thread = aThread();
    await thread.ask({ echo: 1 });
    let isDone = false;
    const working = thread.ask({ busyMs: 400 }).finally(() => {
      isDone = true;
    });
    await sleep(1);
    expect(isDone).toBe(false);
    expect(await working).toBe('done');
  });

  it('is ended when it takes too long, and the next question gets a new one', async () => {
    const thread = aThread({ timeLimitMs: 500 });
    const first = await thread.ask('number');
    await expect(thread.ask('forever')).rejects.toEqual(new TooCostly('time'));
    expect(await thread.ask('number')).not.toBe(first);
  });

  it('is not ended for what others take of the processor', async () => {
    const thread = aThread({ timeLimitMs: 200 });
    expect(await thread.ask({ waitMs: 600 })).toBe('done');
  });

  it('is ended when it takes too much memory, and the next question gets a new one', async () => {
    const thread = aThread();
    const [filled, echoed] = await Promise.allSettled([thread.ask('fill'), thread.ask({ echo: 'still here' })]);
    expect(filled).toMatchObject({ status: 'rejected', reason: new TooCostly('memory') });
    expect(echoed).toEqual({ status: 'fulfilled', value: 'still here' });
  });

  it('tells what its program threw', async () => {
    const thread = aThread();
    await expect(thread.ask('throw')).rejects.toThrow('a bug in the program');
    expect(await thread.ask({ echo: 'next' })).toBe('next');
  });

  it('ends when nobody asks', async () => {
    const thread = aThread({ idleMs: 50 });
    const first = await thread.ask('number');
    await sleep(500);
    expect(await thread.ask('number')).not.toBe(first);
  });
});
