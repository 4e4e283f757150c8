import { type Client, createClient } from 'graphql-ws';
import type { ConnectionStore } from './connection.ts';
import { sessionKey } from './session-key.ts';

const KEEP_ALIVE_MS = 10_000;
/** Without an answer to a ping for this long the socket is dead, whatever the operating system still believes. */
const PONG_WITHIN_MS = 5_000;
const LONGEST_WAIT_MS = 10_000;
/** 1000 and 1001: we or the server closed on purpose. */
const CLEAN_CLOSE = 1000;

/**
 * One socket for all subscriptions, tried again for ever. After a reconnect every subscription is sent anew, and its
 * first event is the present state.
 */
export function createSocket(url: string, connection: ConnectionStore): Client {
  let dead: ReturnType<typeof setTimeout> | undefined;
  let open: WebSocket | undefined;
  return createClient({
    url,
    connectionParams: () => ({ sessionKey: sessionKey.read() }),
    lazy: true,
    lazyCloseTimeout: 30_000,
    keepAlive: KEEP_ALIVE_MS,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait: (retries) => wait(Math.min(LONGEST_WAIT_MS, 250 * 2 ** Math.min(retries, 6)) * (0.5 + Math.random() / 2)),
    on: {
      connecting: () => connection.connecting(),
      opened: (socket) => {
        open = socket as WebSocket;
      },
      connected: () => connection.live(),
      ping: (received) => {
        if (received) return;
        dead = setTimeout(() => open?.close(4408, 'No answer to a ping'), PONG_WITHIN_MS);
      },
      pong: (received) => {
        if (received) clearTimeout(dead);
      },
      closed: (event) => {
        clearTimeout(dead);
        connection.closed((event as CloseEvent).code === CLEAN_CLOSE);
      },
    },
  });
}

/** Waits, but not past the moment at which the network or the page comes back. */
function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener('online', done);
      document.removeEventListener('visibilitychange', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    window.addEventListener('online', done);
    document.addEventListener('visibilitychange', done);
  });
}
