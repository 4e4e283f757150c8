import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { type ExecutionArgs, type ExecutionResult, execute, GraphQLError } from 'graphql';
import type { Context } from 'graphql-ws';
import { type Extra, useServer } from 'graphql-ws/use/ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { DomainError } from '../errors.js';
import { clientAddress } from '../http/client-address.js';
import { type Actor, createContext, type GraphContext } from '../http/context.js';
import { isForeignOrigin, isHost } from '../http/origin.js';
import { SESSION_KEY_HEADER } from './callers.js';
import { formatError } from './error-format.js';
import type { GraphqlOptions } from './graphql-http.js';
import { Preparation } from './prepare.js';
import { SocketDoor, type Visit } from './socket-door.js';
import { subscribe } from './subscription-results.js';

const MAX_FRAME_BYTES = 256 * 1024;
/** Until the caller is known. */
const STRANGERS_FRAME_BYTES = 16 * 1024;
const MESSAGES_BEFORE_INIT = 10;
/** Of one socket whose caller is not signed in: pings of a quarter of an hour, or as many questions who it is. */
const STRANGERS_MESSAGES = 100;
const MAX_SUBSCRIPTIONS = 100;
const INIT_TIMEOUT_MS = 5_000;
const KEEP_ALIVE_MS = 12_000;
/** setTimeout's largest. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const FORBIDDEN = 4403;
const TOO_MANY = 4429;
const TOO_BIG = 1009;
const TRY_AGAIN_LATER = 1013;

type InitPayload = Record<string, unknown>;
type Caller = { actor: Actor | null; forget: () => void };
type Socket = Context<InitPayload, Extra & Partial<Caller>>;
type SocketArgs = ExecutionArgs & { contextValue: GraphContext };

/**
 * GraphQL over web sockets at `/graphql`, by the graphql-transport-ws protocol and its closing codes. The caller is known by the session cookie of the upgrade with
 * `sessionKey` among the `connectionParams`, by the Authorization of the upgrade, or by `token` or `Authorization` among the `connectionParams`. A session or token that ends closes its sockets with 4403.
 * Whoever is not known gets few sockets, short messages and little time.
 */
export function addGraphqlSockets(app: FastifyInstance, options: GraphqlOptions): void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES });
  const server = new GraphqlSockets(options);
  const protocol = useServer<InitPayload, Partial<Caller>>(server.hooks(), sockets, KEEP_ALIVE_MS);
  app.server.on('upgrade', async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A caller may disconnect in the meantime; that is not an error.
    socket.on('error', ignore);
    const refusal = refuseUpgrade(request, options.publicUrl) ?? (await server.refuseAtDoor(request));
    if (refusal) return void socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    socket.off('error', ignore);
    sockets.handleUpgrade(request, socket, head, (ws) => {
      server.watch(ws, request);
      sockets.emit('connection', ws, request);
      // An invalid frame: the socket closes by itself and says why. The protocol's own listener would write a stack trace to the console.
      ws.removeAllListeners('error').on('error', (error) => options.log.debug({ err: error }, 'a web socket broke its protocol'));
    });
  });
  app.addHook('preClose', async () => protocol.dispose());
}

const ignore = () => undefined;

function refuseUpgrade(request: IncomingMessage, publicUrl: string | null): string | null {
  if (request.url?.split('?', 1)[0] !== '/graphql') return '404 Not Found';
  if (!isHost(request.headers.host ?? 'localhost')) return '400 Bad Request';
  return isForeignOrigin(request, publicUrl) ? '403 Forbidden' : null;
}

class GraphqlSockets {
  private readonly preparation: Preparation;
  private readonly door = new SocketDoor();
  private readonly visits = new WeakMap<WebSocket, Visit>();

  constructor(private readonly options: GraphqlOptions) {
    this.preparation = new Preparation(options.graph.schema, options.development);
  }

  hooks(): Parameters<typeof useServer<InitPayload, Partial<Caller>>>[0] {
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

  /** Where strangers use up what an address may have, those who are known by the upgrade itself come in all the same. */
  async refuseAtDoor(request: IncomingMessage): Promise<string | null> {
    const waitMs = this.door.waitMs(this.addressOf(request));
    if (waitMs === 0) return null;
    const actor = await this.options.callers.byHeadersAlone(request.headers).catch(() => null);
    return actor ? null : `429 Too Many Requests\r\nRetry-After: ${Math.ceil(waitMs / 1_000)}`;
  }

  /** Before the protocol's own listener, so that what is too much is never parsed. */
  watch(socket: WebSocket, request: IncomingMessage): void {
    const visit = this.door.enter(this.addressOf(request));
    this.visits.set(socket, visit);
    let messages = 0;
    socket.once('close', () => visit.left());
    socket.on('message', (data: Buffer) => {
      if (visit.state() === 'known') return;
      messages++;
      if (data.length > STRANGERS_FRAME_BYTES) socket.close(TOO_BIG, 'This message is too large for a caller who is not signed in');
      else if (messages > (visit.state() === 'waiting' ? MESSAGES_BEFORE_INIT : STRANGERS_MESSAGES))
        socket.close(TOO_MANY, 'Too many messages from a caller who is not signed in');
    });
  }

  /** false closes the socket with 4403. */
  private async identify(socket: Socket): Promise<boolean> {
    const actor = await this.actorOf(socket).catch((error: unknown) => {
      if (error instanceof DomainError) return undefined;
      throw error;
    });
    if (actor === undefined) return false;
    socket.extra.actor = actor;
    const visit = this.visits.get(socket.extra.socket);
    if (actor) {
      visit?.isKnown();
      socket.extra.forget = this.closeWhenOver(socket, actor);
    } else if (visit?.isStranger() === false) {
      socket.extra.socket.close(TRY_AGAIN_LATER, 'Too many web sockets from callers who are not signed in');
    }
    return true;
  }

  private actorOf({ connectionParams = {}, extra }: Socket): Promise<Actor | null> {
    const { callers } = this.options;
    const { token } = connectionParams;
    if (token !== undefined && token !== null) return callers.byToken(asText(token));
    const [, authorization] = Object.entries(connectionParams).find(([name]) => name.toLowerCase() === 'authorization') ?? [];
    if (authorization !== undefined && authorization !== null) return callers.byHeaders({ authorization: asText(authorization) });
    const { sessionKey } = connectionParams;
    const { headers } = extra.request;
    return callers.byHeaders(typeof sessionKey === 'string' ? { ...headers, [SESSION_KEY_HEADER]: sessionKey } : headers);
  }

  private closeWhenOver(socket: Socket, actor: Actor): () => void {
    const close = () => socket.extra.socket.close(FORBIDDEN, 'Signed out');
    const check = () =>
      this.options.callers.stillHolds(actor).then(
        (holds) => holds || close(),
        // The database is away: nothing can be read either; the next change or reconnect asks again.
        (error: unknown) => this.options.log.warn({ err: error }, 'The session of a web socket could not be checked.'),
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
    const prepared = this.preparation.prepare(operation, socket.extra.actor ?? null);
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
    const forwarded = this.options.trustedProxies > 0 ? lastOf(request.headers['x-forwarded-proto']) : null;
    const scheme = 'encrypted' in request.socket || forwarded === 'https' ? 'https' : 'http';
    return createContext({
      actor: socket.extra.actor ?? null,
      requestId: randomUUID(),
      origin: this.options.publicUrl ?? `${scheme}://${request.headers.host ?? 'localhost'}`,
      address: this.addressOf(request),
      cookies: null,
      instanceOf: this.options.graph.instanceOf,
    });
  }

  /** As Fastify tells it for requests. */
  private addressOf(request: IncomingMessage): string {
    return clientAddress(request, this.options.trustedProxies);
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

/** What is no text is no good token, whatever it would look like as one. */
const asText = (given: unknown): string => (typeof given === 'string' ? given : '');

/** The entry of a forwarding header that the proxy in front wrote itself. */
function lastOf(header: string | string[] | undefined): string | null {
  return header?.toString().split(',').at(-1)?.trim() || null;
}

const tooManySubscriptions = () =>
  new GraphQLError(`A web socket carries at most ${MAX_SUBSCRIPTIONS} operations at once. End some, or open another web socket.`, {
    extensions: { code: 'too_many_subscriptions', kind: 'bad_input' },
  });
