import { createServer, type IncomingMessage, type Server } from 'node:http';
import { promisify } from 'node:util';
import { proxyRequest, type Routed } from './proxy-request.js';
import { mayUpgrade, proxyUpgrade } from './proxy-upgrade.js';
import { Refused } from './refusal.js';

/** Longer than load balancers keep their idle connections (60 s mostly), so that it is they who close. */
const KEEP_ALIVE_MS = 75_000;
const HEADERS_MS = 60_000;

/** A public port of one environment. Connections stay open across switches. */
export class Listener {
  private constructor(
    readonly port: number,
    private readonly server: Server,
  ) {}

  /** @throws Refused `port_in_use` */
  static async open(port: number, routed: Routed): Promise<Listener> {
    const server = createServer({
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: HEADERS_MS,
      requestTimeout: 0, // an upload may take as long as it takes
      shouldUpgradeCallback: mayUpgrade,
    });
    const handle = (expectsContinue: boolean) => (request: IncomingMessage, response: Parameters<typeof proxyRequest>[2]) => {
      response.shouldKeepAlive &&= server.listening;
      proxyRequest(routed, request, response, expectsContinue);
    };
    server.on('request', handle(false));
    server.on('checkContinue', handle(true));
    server.on('upgrade', (request, socket, head) => proxyUpgrade(routed, request, socket, head));
    await listen(server, port);
    return new Listener(port, server);
  }

  /** Frees the port at once; connections end with the answers they wait for. */
  close(): void {
    this.server.close();
    this.server.closeIdleConnections();
  }

  /** Ends what is left. */
  destroy(): void {
    this.server.closeAllConnections();
  }
}

/** On all addresses of IPv6 and IPv4, or of IPv4 alone where the machine has no IPv6. */
async function listen(server: Server, port: number): Promise<void> {
  const listening = promisify<void>((done: (error?: Error | null) => void) => {
    server.once('error', done);
    server.listen(port, () => {
      server.off('error', done);
      done();
    });
  });
  try {
    await listening();
  } catch (error) {
    throw portProblem(port, error);
  }
}

function portProblem(port: number, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE')
    return new Refused(
      409,
      'port_in_use',
      `Port ${port} can't be opened: another program on this machine listens on it. "ss -ltnp" shows which. Stop it, then deploy again.`,
    );
  if (code === 'EACCES')
    return new Refused(
      409,
      'port_forbidden',
      `Port ${port} can't be opened: the router's user may not listen on it. Allow it (CAP_NET_BIND_SERVICE for ports below 1024), then deploy again.`,
    );
  return error;
}
