import type { ProcessId } from '../sandbox/process-tree.js';
import { EndWatch } from './end-watch.js';
import { listenersOf } from './instance-listeners.js';
import { isReached } from './listening-sockets.js';

/**
 * Notices at once when no process of an instance listens on its port any more. A health check would notice seconds later, and until then a helper
 * that leads into the instance's network would accept requests and lose them.
 */
export class ListenerWatch implements Disposable {
  private readonly ends = new EndWatch();
  private watching = false;
  private losing = new AbortController();

  constructor(
    private readonly root: ProcessId,
    private readonly port: number,
  ) {}

  /** Aborted when the last one has ended; another one after each {@link takeLost}. */
  get lost(): AbortSignal {
    return this.losing.signal;
  }

  /** Whether that has happened since it was asked last. */
  takeLost(): boolean {
    if (!this.losing.signal.aborted) return false;
    this.losing = new AbortController();
    return true;
  }

  /** Called when the instance answers: from now on its listening processes are watched. May be repeated. */
  async begin(): Promise<void> {
    if (this.watching) return;
    const listener = (await listenersOf(this.root)).find((socket) => socket.port === this.port && isReached(socket));
    if (!listener) return;
    this.watching = true;
    this.ends.watch(listener.process, () => void this.goOn());
  }

  [Symbol.dispose](): void {
    this.ends[Symbol.dispose]();
  }

  /** Another process may hold the same socket. */
  private async goOn(): Promise<void> {
    this.watching = false;
    await this.begin();
    if (!this.watching) this.losing.abort();
  }
}
