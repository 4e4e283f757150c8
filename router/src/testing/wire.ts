import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type Message, readMessage } from './message.js';

/** No client of a test waits longer: what comes later than this does not come. */
const PATIENCE_MS = 15_000;

export class ConnectionOver extends Error {}

/** One side of a connection, byte for byte: a character is a byte (latin1). */
export class Wire {
  /** What has arrived and has not been taken yet. */
  received = '';
  /** How the other side ended: it says no more, or the connection broke. */
  end: 'open' | 'ended' | 'broken' = 'open';
  #changed = Promise.withResolvers<void>();

  /** @param patienceMs how long it waits for anything; applications wait for requests as long as they are connected */
  constructor(
    readonly socket: Socket,
    private readonly patienceMs?: number,
  ) {
    socket.on('data', (bytes: Buffer) => this.#change(() => (this.received += bytes.toString('latin1'))));
    socket.on('end', () => this.#change(() => (this.end = 'ended')));
    socket.on('error', () => this.#change(() => (this.end = 'broken')));
    socket.on('close', () => this.#change(() => (this.end = this.end === 'open' ? 'broken' : this.end)));
  }

  static async open(port: number, bytes = ''): Promise<Wire> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const wire = new Wire(socket, PATIENCE_MS);
    await once(socket, 'connect');
    wire.write(bytes);
    return wire;
  }

  write(bytes: string): void {
    this.socket.write(bytes, 'latin1');
  }

  /** The next message; of a request by default, else the answer to `method`. Cut short where the other side ended within it. */
  message(answerTo?: string): Promise<Message> {
    return this.#until('a message', () => {
      const read = readMessage(this.received, this.end !== 'open', answerTo);
      if (read) this.received = this.received.slice(read.taken);
      return read?.message;
    });
  }

  /** Waits until the head of a message has come, and leaves it there. */
  head(): Promise<string> {
    return this.#until('a head', () => this.received.match(/^.*?\r\n\r\n/s)?.[0]);
  }

  /** Waits until these bytes have come, and takes everything up to and with them. */
  async take(bytes: string): Promise<string> {
    return this.#until(JSON.stringify(bytes), () => {
      const at = this.received.indexOf(bytes);
      if (at < 0) return;
      const taken = this.received.slice(0, at + bytes.length);
      this.received = this.received.slice(taken.length);
      return taken;
    });
  }

  /** Waits until the other side says no more; what had come until then. */
  ended(): Promise<string> {
    return this.#until('the end', () => (this.end === 'open' ? undefined : this.received));
  }

  close(): void {
    this.socket.destroy();
  }

  #change(by: () => void): void {
    by();
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  async #until<T>(what: string, found: () => T | undefined): Promise<T> {
    const patience = Promise.withResolvers<never>();
    const giveUp = () => patience.reject(new Error(`${what} did not come, but ${JSON.stringify(this.received)}`));
    const timer = this.patienceMs && setTimeout(giveUp, this.patienceMs);
    try {
      for (;;) {
        const value = found();
        if (value !== undefined) return value;
        if (this.end !== 'open')
          throw new ConnectionOver(`the connection is ${this.end}, ${what} did not come, but ${JSON.stringify(this.received)}`);
        await Promise.race([this.#changed.promise, patience.promise]);
      }
    } finally {
      if (timer) clearTimeout(timer);
    }
  }
}
