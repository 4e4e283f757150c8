import { threadId } from 'node:worker_threads';
import { answerQuestions } from '../answer-questions.js';

export type SampleQuestion = { echo: unknown } | { busyMs: number } | { waitMs: number } | 'number' | 'forever' | 'fill' | 'throw';

answerQuestions((question: SampleQuestion) => {
  if (question === 'number') return threadId;
  if (question === 'throw') throw new Error('a bug in the program');
  if (question === 'forever') for (;;);
  if (question === 'fill') {
    const all: string[][] = [];
    for (;;) all.push(Array.from({ length: 1_000 }, (_, n) => `${all.length} ${n}`));
  }
  if ('echo' in question) return question.echo;
  if ('waitMs' in question) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, question.waitMs);
    return 'done';
  }
  const end = performance.now() + question.busyMs;
  while (performance.now() < end);
  return 'done';
});
