import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import type { RoutedBackend } from '@slipway/protocol';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { testRouter } from './control-client.js';
import type { Message } from './message.js';
import { ConnectionOver, Wire } from './wire.js';

/** How an application serves one connection; `nth`: how many it has had, from 0. */
type Serve = (connection: Wire, nth: number) => Promise<unknown> | unknown;

/**
 * Applications behind one router, for tests that ask an application directly and through the router: both answers must agree.
 * Each application takes the place of the one before.
 */
export function contract() {
  let router: Awaited<ReturnType<typeof testRouter>>;
  const running: { server: Server; sockets: Set<Socket> }[] = [];
  beforeAll(async () => {
    router = await testRouter();
  });
  afterEach(async () => {
    for (const { server, sockets } of running.splice(0)) {
      for (const socket of sockets) socket.destroy();
      if (server.listening) await once(server.close(), 'close');
    }
  });
  afterAll(() => router[Symbol.asyncDispose]());

  async function listen(server: Server): Promise<RoutedBackend> {
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    running.push({ server, sockets });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return {
      releaseId: randomUUID(),
      instanceId: randomUUID(),
      host: '127.0.0.1',
      port: (server.address() as { port: number }).port,
      weight: 100,
    };
  }

  /** The ports of the application itself and of the router before it. */
  async function route(backend: RoutedBackend): Promise<Ways> {
    expect((await router.route([backend])).status).toBe(200);
    return { direct: backend.port, through: router.port };
  }

  return {
    get router() {
      return router;
    },
    /** An application that speaks bytes. A connection that says nothing (a health check) is not served. */
    raw: async (serve: Serve) => route(await listen(rawServer(serve))),
    rawBackend: (serve: Serve) => listen(rawServer(serve)),
    node: async (listener: RequestListener) => route(await listen(createHttpServer(listener))),
    route,
    listen,
  };
}

function rawServer(serve: Serve): Server {
  let connections = 0;
  return createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const connection = new Wire(socket);
    socket.once('data', () => Promise.resolve(serve(connection, connections++)).catch(unlessOver));
    socket.once('end', () => socket.bytesRead === 0 && socket.destroy());
  });
}

/** A client may leave an application at any time; everything else that goes wrong in one fails the test. */
export function unlessOver(error: unknown): undefined {
  if (!(error instanceof ConnectionOver)) throw error;
}

/** Where an application is asked: at its own port, and at the router's. */
export type Ways = { direct: number; through: number };

/** Asks the application directly, then through the router: both must see the same, which is returned. */
export async function bothWays<T>(ways: Ways, ask: (port: number) => Promise<T>): Promise<T> {
  const direct = await ask(ways.direct);
  expect(await ask(ways.through)).toEqual(direct);
  return direct;
}

/** Sends a request on a connection of its own and reads the answer. */
export async function ask(port: number, request: string): Promise<Message> {
  const client = await Wire.open(port, request);
  try {
    return plain(await client.message(request.split(' ', 1)[0]));
  } finally {
    client.close();
  }
}

/** Fields that speak of one connection, which are each hop's own. */
const OWN = new Set(['connection', 'keep-alive']);

/** A message without what belongs to its connection alone. */
export function plain(message: Message): Message {
  return { ...message, fields: message.fields.filter(([name]) => !OWN.has(name)) };
}

/** An answer with a body and its length. */
export const ok = (body = 'ok', more = '') => `HTTP/1.1 200 OK\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;
