import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What HAProxy prints when it waits for the next command. */
const PROMPT = '\n> ';
const ANSWER_WITHIN_MS = 5_000;

/** HAProxy is gone. */
export class RuntimeUnreachable extends Error {}

/** HAProxy is there and does not answer: the machine is overloaded, or slept. It may still do what it was asked to. */
export class RuntimeSilent extends Error {}

/**
 * A connection to one HAProxy's runtime API, held open: its end is the end of that process, and a process that is being stopped stays until
 * it is let go. Commands are answered in their order.
 */
export class RuntimeSocket {
  private answer = '';
  private readonly waiting: { resolve: (answer: string) => void; reject: (error: Error) => void; timer: NodeJS.Timeout }[] = [];
  /** Resolves when the process has ended or was let go. */
  readonly ended: Promise<void>;

  private constructor(private readonly socket: Socket) {
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => this.take(chunk));
    socket.on('error', () => socket.destroy());
    this.ended = new Promise((resolve) => {
      socket.once('close', () => {
        for (const { reject, timer } of this.waiting.splice(0)) {
          clearTimeout(timer);
          reject(new RuntimeUnreachable('HAProxy has ended'));
        }
        resolve();
      });
    });
  }

  /** @throws Error when nobody listens there. */
  static async open(path: string): Promise<RuntimeSocket> {
    const socket = connect(path);
    await once(socket, 'connect');
    const runtime = new RuntimeSocket(socket);
    await runtime.ask('prompt');
    return runtime;
  }

  /** @throws RuntimeUnreachable, RuntimeSilent */
  ask(command: string): Promise<string> {
    if (this.socket.destroyed) return Promise.reject(new RuntimeUnreachable('HAProxy has ended'));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new RuntimeSilent(`HAProxy has not answered for ${ANSWER_WITHIN_MS} ms`)), ANSWER_WITHIN_MS);
      this.waiting.push({ resolve, reject, timer });
      this.socket.write(`${command}\n`);
    });
  }

  /** One after the other, without waiting in between. */
  askAll(commands: readonly string[]): Promise<string[]> {
    return Promise.all(commands.map((command) => this.ask(command)));
  }

  close(): void {
    this.socket.destroy();
  }

  private take(chunk: string): void {
    this.answer += chunk;
    for (let end = this.answer.indexOf(PROMPT); end >= 0; end = this.answer.indexOf(PROMPT)) {
      const answer = this.answer.slice(0, end);
      this.answer = this.answer.slice(end + PROMPT.length);
      const first = this.waiting.shift();
      if (first) clearTimeout(first.timer);
      first?.resolve(answer.trim());
    }
  }
}
