import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { type ExecutionArgs, type ExecutionResult, execute, GraphQLError } from 'graphql';
import type { Context } from 'graphql-ws';
import { type Extra, useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { DomainError } from '../errors.js';
import { clientAddress } from '../http/client-address.js';
import { type Actor, createContext, type GraphContext } from '../http/context.js';
import { isForeignOrigin } from '../http/origin.js';
import { formatError } from './error-format.js';
import type { GraphqlOptions } from './graphql-http.js';
import { prepare } from './prepare.js';
import { subscribe } from './subscription-results.js';

const MAX_FRAME_BYTES = 256 * 1024;
const MAX_SUBSCRIPTIONS = 100;
const INIT_TIMEOUT_MS = 5_000;
const KEEP_ALIVE_MS = 12_000;
/** setTimeout's largest. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const FORBIDDEN = 4403;

type ConnectionParams = { token?: unknown; sessionKey?: unknown };
type Caller = { actor: Actor | null; forget: () => void };
type Socket = Context<ConnectionParams, Extra & Partial<Caller>>;
type SocketArgs = ExecutionArgs & { contextValue: GraphContext };

/**
 * GraphQL over web sockets at `/graphql`, by the graphql-transport-ws protocol and its closing codes. The caller is known by the session cookie of the
 * upgrade with `connectionParams.sessionKey`, or by `connectionParams.token`. A session or token that ends closes its sockets with 4403.
 */
export function addGraphqlSockets(app: FastifyInstance, options: GraphqlOptions): void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES });
  const server = new GraphqlSockets(options);
  const protocol = useServer<ConnectionParams, Partial<Caller>>(server.hooks(), sockets, KEEP_ALIVE_MS);
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const refusal = refuseUpgrade(request, options.publicUrl);
    if (refusal) return void socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    sockets.handleUpgrade(request, socket, head, (ws) => sockets.emit('connection', ws, request));
  });
  app.addHook('preClose', async () => protocol.dispose());
}

function refuseUpgrade(request: IncomingMessage, publicUrl: string | null): string | null {
  if (request.url?.split('?', 1)[0] !== '/graphql') return '404 Not Found';
  return isForeignOrigin(request, publicUrl) ? '403 Forbidden' : null;
}

class GraphqlSockets {
  constructor(private readonly options: GraphqlOptions) {}

  hooks(): Parameters<typeof useServer<ConnectionParams, Partial<Caller>>>[0] {
    return {
      connectionInitWaitTimeout: INIT_TIMEOUT_MS,
      onConnect: (socket) => this.identify(socket),
      onDisconnect: (socket) => socket.extra.forget?.(),
      onSubscribe: (socket, _id, operation) => this.begin(socket, operation),
      execute: (args) => this.execute(args as SocketArgs),
      subscribe: (args) => this.subscribe(args as SocketArgs),
      onNext: (_socket, _id, _operation, _args, result) => ({ ...result, ...(result.errors ? { errors: this.shown(result.errors) } : {}) }),
      onError: (_socket, _id, _operation, errors) => this.shown(errors),
    };
  }

  /** false closes the socket with 4403. */
  private async identify(socket: Socket): Promise<boolean> {
    const { callers } = this.options;
    const { token, sessionKey } = socket.connectionParams ?? {};
    const headers = { ...socket.extra.request.headers, ...(typeof sessionKey === 'string' ? { 'x-slipway-session-key': sessionKey } : {}) };
    try {
      const actor = typeof token === 'string' ? await callers.byToken(token) : await callers.byHeaders(headers);
      socket.extra.actor = actor;
      if (actor) socket.extra.forget = this.closeWhenOver(socket, actor);
      return true;
    } catch (error) {
      if (error instanceof DomainError) return false;
      throw error;
    }
  }

  private closeWhenOver(socket: Socket, actor: Actor): () => void {
    const close = () => socket.extra.socket.close(FORBIDDEN, 'Signed out');
    const check = () =>
      this.options.callers.stillHolds(actor).then(
        (holds) => holds || close(),
        // The database is away: nothing can be read either; the next change or reconnect asks again.
        (error: unknown) => this.options.log.warn({ err: error }, 'a web socket session could not be checked'),
      );
    const unwatch = this.options.callers.onRightsChanged(actor, () => void check());
    const untilOverMs = actor.credential ? actor.credential.expiresAtMs - Date.now() : MAX_TIMER_MS;
    const timer = setTimeout(close, Math.min(Math.max(untilOverMs, 0), MAX_TIMER_MS)).unref();
    return () => {
      unwatch();
      clearTimeout(timer);
    };
  }

  private begin(socket: Socket, operation: { query: string; operationName?: string | null; variables?: Record<string, unknown> | null }) {
    if (Object.keys(socket.subscriptions).length > MAX_SUBSCRIPTIONS) return [tooManySubscriptions()];
    const prepared = prepare(this.options.graph.schema, operation, this.options.development);
    if ('errors' in prepared) {
      this.count('none', 'refused');
      return prepared.errors;
    }
    return {
      schema: this.options.graph.schema,
      document: prepared.document,
      operationName: operation.operationName,
      variableValues: operation.variables,
      contextValue: this.context(socket),
    };
  }

  private context(socket: Socket): GraphContext {
    const { request } = socket.extra;
    const { trustedProxies } = this.options;
    const forwarded = trustedProxies > 0 ? String(request.headers['x-forwarded-proto'] ?? '') : '';
    const scheme = 'encrypted' in request.socket || forwarded.split(',').at(-1)?.trim() === 'https' ? 'https' : 'http';
    return createContext({
      actor: socket.extra.actor ?? null,
      requestId: randomUUID(),
      origin: this.options.publicUrl ?? `${scheme}://${request.headers.host ?? 'localhost'}`,
      address: clientAddress(request, trustedProxies),
      cookies: null,
      instanceOf: this.options.graph.instanceOf,
    });
  }

  private async execute(args: SocketArgs): Promise<ExecutionResult> {
    const result = await execute(args);
    this.count('request', result.errors ? 'error' : 'ok');
    return result;
  }

  private async subscribe(args: SocketArgs) {
    const { actor } = args.contextValue;
    const results = await subscribe(args, (listener) => {
      this.options.metrics.graphqlSubscriptions.inc();
      const unwatch = actor ? this.options.callers.onRightsChanged(actor, listener) : () => undefined;
      return () => {
        this.options.metrics.graphqlSubscriptions.dec();
        unwatch();
      };
    });
    this.count('subscription', 'errors' in results ? 'error' : 'ok');
    return results;
  }

  private shown(errors: readonly GraphQLError[]) {
    return errors.map((error) => formatError(error, this.options.log, this.options.development));
  }

  private count(type: string, outcome: 'ok' | 'error' | 'refused'): void {
    this.options.metrics.graphqlOperations.inc({ transport: 'websocket', type, outcome });
  }
}

const tooManySubscriptions = () =>
  new GraphQLError(`A web socket carries at most ${MAX_SUBSCRIPTIONS} operations at once. End some, or open another.`, {
    extensions: { code: 'too_many_subscriptions', kind: 'bad_input' },
  });
