import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

/**
 * The body of a client's request for one try on one backend. It touches the request only once it is read, so a try that
 * never got a connection leaves the body whole for the next, and its end does not end the client's connection.
 */
export class RequestBody extends Readable {
  private reading = false;

  /** @param onFirstRead where a client that waits for `100 Continue` is told to send. */
  constructor(
    private readonly request: IncomingMessage,
    private readonly onFirstRead: () => void,
  ) {
    super();
  }

  override _read(): void {
    if (this.reading) {
      this.request.resume();
      return;
    }
    this.reading = true;
    this.onFirstRead();
    this.request.on('data', this.pass).on('end', this.finish).on('error', this.fail).on('close', this.fail);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (this.reading) {
      this.request.off('data', this.pass).off('end', this.finish).off('error', this.fail).off('close', this.fail);
      this.request.on('error', ignoreLateError);
      this.request.resume(); // the rest of a body that nobody wants must not block the next request on this connection
    }
    done(error);
  }

  private readonly pass = (chunk: Buffer) => {
    if (!this.push(chunk)) this.request.pause();
  };
  private readonly finish = () => {
    this.push(null);
  };
  private readonly fail = (error?: Error) => {
    if (!this.request.complete) this.destroy(error ?? new Error('The client went away before its request was complete'));
  };
}

/** The client's going away is handled by the response's `close`; here it would only be an unhandled event. */
function ignoreLateError(): void {}

export function hasBody(request: IncomingMessage): boolean {
  const length = request.headers['content-length'];
  return request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}
