import { parentPort } from 'node:worker_threads';

/** The other side of {@link ReaderThread}: called once by the thread's program, when all it needs is loaded. */
export function answerQuestions<Question, Answer>(answer: (question: Question) => Answer): void {
  const port = parentPort;
  if (!port) throw new Error('This program runs in a thread of the server.');
  port.on('message', (question: Question) => port.postMessage(answer(question)));
  port.postMessage('ready');
}
