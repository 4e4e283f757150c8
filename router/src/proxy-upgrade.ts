import { type ClientRequest, type IncomingMessage, request as openRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Backend, Exchange } from './backend.js';
import { responseHeaders, upgradeHeaders } from './headers.js';
import { answerPlainlyOn, BACKEND_GONE, DRAIN_OVER, NOTHING_DEPLOYED } from './plain-answer.js';
import type { Routed } from './proxy-request.js';
import type { Ending } from './release-traffic.js';
import { hasBody } from './request-body.js';
import { UpgradedConnection } from './upgraded-connection.js';

/** HTTP/2 over clear text is declined by answering in HTTP/1.1, as the client expects; an upgrade with a body is not worth its ambiguity. */
export function mayUpgrade(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() !== 'h2c' && !hasBody(request) && (request.url ?? '').startsWith('/');
}

export function proxyUpgrade(routed: Routed, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  new ProxiedUpgrade(routed, request, socket, head).start();
}

/** From the client's request to change the protocol until both ends have parted. */
class ProxiedUpgrade implements Exchange {
  private backend: Backend | null = null;
  private asking: ClientRequest | null = null;
  private connection: UpgradedConnection | null = null;
  private refusedBy: Set<Backend> | null = null;

  constructor(
    private readonly routed: Routed,
    private readonly request: IncomingMessage,
    private readonly socket: Duplex,
    private readonly head: Buffer,
  ) {}

  start(): void {
    this.socket.on('error', () => this.socket.destroy());
    this.socket.once('close', () => this.abandon());
    this.tryNext();
  }

  private tryNext(): void {
    const backend = this.routed.route.choose(this.refusedBy ?? undefined);
    if (!backend) {
      if (!this.refusedBy) this.routed.unrouted();
      answerPlainlyOn(this.socket, this.request, this.refusedBy ? BACKEND_GONE : NOTHING_DEPLOYED);
      return;
    }
    this.backend = backend;
    backend.begin(this);
    this.ask(backend);
  }

  private ask(backend: Backend): void {
    const { host, port } = backend.target;
    let connected = false;
    const asking = openRequest({
      host,
      port,
      method: this.request.method,
      path: this.request.url,
      headers: upgradeHeaders(this.request),
      setHost: false,
      agent: false,
    });
    this.asking = asking;
    asking.once('socket', (socket) =>
      socket.once('connect', () => {
        connected = backend.isItself;
        if (!connected) socket.destroy(new Error("The port is not the instance's any more"));
      }),
    );
    asking.once('upgrade', (answer, upstream, rest) => this.join(answer, upstream, rest));
    asking.once('response', (answer) => this.decline(answer));
    asking.once('error', () => (connected ? this.stop({ kind: 'failed' }) : this.tryAnother(backend)));
    asking.end();
  }

  private join(answer: IncomingMessage, upstream: Duplex, rest: Buffer): void {
    if (!this.backend) {
      upstream.destroy();
      return;
    }
    this.socket.write(answerHead(answer, answer.rawHeaders));
    const webSocket = this.request.headers.upgrade?.toLowerCase() === 'websocket';
    this.connection = new UpgradedConnection(this.socket, upstream, webSocket, (broken) =>
      this.finish(broken ? { kind: 'failed' } : { kind: 'served', status: 101, durationMs: null }),
    );
    this.connection.start(this.head, rest);
  }

  /** The application stays with HTTP: its answer is passed on, and ends the connection. */
  private decline(answer: IncomingMessage): void {
    this.socket.write(answerHead(answer, [...responseHeaders(answer.rawHeaders), 'Connection', 'close']));
    answer.pipe(this.socket);
    answer.once('end', () => this.finish({ kind: 'served', status: answer.statusCode ?? 502, durationMs: null }));
    answer.once('error', () => this.stop({ kind: 'failed' }));
  }

  goAway(): void {
    this.connection?.goAway();
  }

  cut(): void {
    const answerable = !this.connection;
    this.finish({ kind: 'cut' });
    this.asking?.destroy();
    this.connection?.destroy();
    if (answerable) answerPlainlyOn(this.socket, this.request, DRAIN_OVER);
  }

  /** Nothing was sent yet. */
  private tryAnother(refused: Backend): void {
    if (!this.backend) return;
    this.refusedBy ??= new Set();
    this.refusedBy.add(refused);
    const another = this.routed.route.backends.some((backend) => !this.refusedBy?.has(backend));
    this.finish({ kind: another ? 'left' : 'failed' });
    this.tryNext();
  }

  private stop(ending: Ending): void {
    if (!this.backend) return;
    this.finish(ending);
    answerPlainlyOn(this.socket, this.request, BACKEND_GONE);
  }

  private abandon(): void {
    if (this.connection) return;
    this.finish({ kind: 'left' });
    this.asking?.destroy();
  }

  private finish(ending: Ending): void {
    const backend = this.backend;
    this.backend = null;
    backend?.end(this, ending);
  }
}

function answerHead(answer: IncomingMessage, headers: readonly string[]): string {
  let head = `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\n`;
  for (let i = 0; i + 1 < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return `${head}\r\n`;
}
