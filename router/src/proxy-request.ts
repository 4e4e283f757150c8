import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Dispatcher, errors } from 'undici';
import type { Backend, Exchange } from './backend.js';
import { requestHeaders, responseHeaders } from './headers.js';
import {
  answerPlainly,
  BACKEND_GONE,
  BACKEND_SILENT,
  BAD_TARGET,
  DRAIN_OVER,
  NOTHING_DEPLOYED,
  type PlainAnswer,
  UNKNOWN_CODING,
} from './plain-answer.js';
import type { Ending } from './release-traffic.js';
import { hasBody, RequestBody } from './request-body.js';
import type { Route } from './route.js';

/** Where requests of one environment go. `route` is replaced as a whole, so each request sees one generation. */
export interface Routed {
  readonly route: Route;
  /** A request came and nothing is deployed. */
  unrouted(): void;
}

/** @param expectsContinue the client waits for `100 Continue` before it sends its body. */
export function proxyRequest(routed: Routed, request: IncomingMessage, response: ServerResponse, expectsContinue = false): void {
  const target = originForm(request.url ?? '');
  const coding = request.headers['transfer-encoding']?.toLowerCase() ?? 'chunked';
  if (target === null) answerPlainly(request, response, BAD_TARGET);
  else if (coding !== 'chunked') answerPlainly(request, response, UNKNOWN_CODING);
  else new ProxiedRequest(routed, request, response, target, expectsContinue).start();
}

/** Path and query; clients of a forward proxy send a whole address. */
function originForm(target: string): string | null {
  if (target.startsWith('/')) return target;
  if (!URL.canParse(target)) return null;
  const { pathname, search } = new URL(target);
  return pathname.startsWith('/') ? pathname + search : null;
}

/** One request on its way to a backend and its answer on the way back; the next backend is tried only while none had a connection. */
class ProxiedRequest implements Exchange, Dispatcher.DispatchHandler {
  private backend: Backend | null = null;
  private refusedBy: Set<Backend> | null = null;
  private controller: Dispatcher.DispatchController | null = null;
  private readonly startedAt = performance.now();

  constructor(
    private readonly routed: Routed,
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly target: string,
    private readonly expectsContinue: boolean,
  ) {}

  start(): void {
    this.response.once('close', this.onClose);
    this.tryNext();
  }

  private tryNext(): void {
    const backend = this.routed.route.choose(this.refusedBy ?? undefined);
    if (!backend) {
      if (!this.refusedBy) this.routed.unrouted();
      answerPlainly(this.request, this.response, this.refusedBy ? BACKEND_GONE : NOTHING_DEPLOYED);
      return;
    }
    this.backend = backend;
    backend.begin(this);
    backend.pool.dispatch(this.options(), this);
  }

  private options(): Dispatcher.DispatchOptions {
    return {
      method: this.request.method as Dispatcher.HttpMethod,
      path: this.target,
      headers: requestHeaders(this.request),
      body: hasBody(this.request) ? new RequestBody(this.request, this.askForBody) : null,
    };
  }

  private readonly askForBody = () => {
    if (this.expectsContinue && !this.response.headersSent) this.response.writeContinue();
  };

  goAway(): void {
    // A plain request has no way to be told; it is awaited.
  }

  cut(): void {
    this.stop({ kind: 'cut' }, DRAIN_OVER);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (!this.backend) controller.abort(new Error('The client went away while its request was waiting for a connection'));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, _headers: unknown, reason?: string): void {
    if (status < 200) return; // informational; what the client is promised it gets from the router itself
    const headers = responseHeaders(controller.rawHeaders as Buffer[]);
    if (reason) this.response.writeHead(status, reason, headers);
    else this.response.writeHead(status, headers);
    this.flushWithWhatCameAlong();
  }

  /** A stream's headers must not wait for its first event; those of a usual answer go out in one packet with its body. */
  private flushWithWhatCameAlong(): void {
    const socket = this.response.socket;
    socket?.cork();
    process.nextTick(() => socket?.uncork());
    this.response.flushHeaders();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.response.write(chunk)) return;
    controller.pause();
    this.response.once('drain', () => controller.resume());
  }

  onResponseEnd(_controller: Dispatcher.DispatchController, trailers: Record<string, unknown>): void {
    const fields = Object.entries(trailers).map(([name, value]): [string, string] => [name, String(value)]);
    if (fields.length > 0 && this.response.chunkedEncoding) this.response.addTrailers(fields);
    this.response.end();
    this.finish({ kind: 'served', status: this.response.statusCode, durationMs: performance.now() - this.startedAt });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (!this.backend) return;
    // undici refuses what could not be written on the wire, such as a space in the target.
    if (error instanceof errors.InvalidArgumentError) this.stop({ kind: 'left' }, BAD_TARGET);
    else if (!this.controller) this.tryAnother(this.backend);
    else this.stop({ kind: 'failed' }, error instanceof errors.HeadersTimeoutError ? BACKEND_SILENT : BACKEND_GONE);
  }

  /** No connection came about, so nothing of the request was sent: any other backend may have it. */
  private tryAnother(refused: Backend): void {
    this.refusedBy ??= new Set();
    this.refusedBy.add(refused);
    const another = this.routed.route.backends.some((backend) => !this.refusedBy?.has(backend));
    this.finish({ kind: another ? 'left' : 'failed' });
    this.tryNext();
  }

  private readonly onClose = () => {
    if (this.response.writableFinished) return;
    this.finish({ kind: 'left' });
    this.controller?.abort(new Error('The client went away'));
  };

  private stop(ending: Ending, answer: PlainAnswer): void {
    this.finish(ending);
    this.controller?.abort(new Error(answer.title));
    answerPlainly(this.request, this.response, answer);
  }

  private finish(ending: Ending): void {
    const backend = this.backend;
    this.backend = null;
    backend?.end(this, ending);
  }
}
