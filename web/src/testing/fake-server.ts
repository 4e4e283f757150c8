import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buildSchema, execute, GraphQLError, parse, subscribe, validate } from 'graphql';
import { useServer as serveGraphql } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { FakeInstallation } from './fake-data.ts';
import { FakeResolvers } from './fake-resolvers.ts';
import { fillWithAWeek } from './fake-week.ts';

export type FakeServer = { url: string; resolvers: FakeResolvers; dropSockets(): void; close(): Promise<void> };

const schemaFile = join(import.meta.dirname, '../../../schema.graphql');

/**
 * The API without a server behind it: the real schema over in-memory data, on HTTP and graphql-ws as the real one.
 * A test tool, and something to look at while working on the page (`npm run fake-server -w web`).
 */
export async function startFakeServer({ port = 0, empty = false } = {}): Promise<FakeServer> {
  const schema = buildSchema(readFileSync(schemaFile, 'utf8'));
  const data = new FakeInstallation();
  if (!empty) fillWithAWeek(data);
  const resolvers = new FakeResolvers(data);
  const http = createServer(async (request, response) => {
    if (request.method === 'OPTIONS') return response.writeHead(204, CORS).end();
    const answer = await answerTo(await bodyOf(request));
    response.writeHead(200, { 'content-type': 'application/json', ...CORS }).end(JSON.stringify(answer));
  });

  async function answerTo({
    query,
    variables,
    operationName,
  }: {
    query: string;
    variables?: Record<string, unknown>;
    operationName?: string;
  }) {
    const document = parse(query);
    const errors = validate(schema, document);
    if (errors.length > 0) return { errors };
    const isMutation = document.definitions.some((each) => each.kind === 'OperationDefinition' && each.operation === 'mutation');
    if (!resolvers.signedIn && !/\b(viewer|signIn)\b/.test(query))
      return {
        data: null,
        errors: [new GraphQLError('Sign in first.', { extensions: { code: 'not_signed_in', kind: 'unauthenticated' } })],
      };
    return execute({
      schema,
      document,
      rootValue: isMutation ? resolvers.mutation : resolvers.query,
      variableValues: variables,
      operationName,
    });
  }

  const sockets = new WebSocketServer({ server: http, path: '/graphql' });
  const live = serveGraphql(
    {
      schema,
      execute: (args) => execute(args),
      subscribe: (args) => subscribe({ ...args, rootValue: resolvers.subscription }),
    },
    sockets,
  );
  await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    resolvers,
    dropSockets: () => {
      for (const socket of sockets.clients) socket.terminate();
    },
    close: async () => {
      for (const socket of sockets.clients) socket.terminate();
      await live.dispose();
      await closeServer(http);
    },
  };
}

const CORS = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' };

async function bodyOf(request: IncomingMessage) {
  let body = '';
  for await (const piece of request) body += piece;
  return JSON.parse(body);
}

function closeServer(http: Server): Promise<void> {
  http.closeAllConnections();
  return new Promise((resolve) => http.close(() => resolve()));
}

/** Run by itself: the running job prints, its run goes on, so that there is something to see. */
if (process.argv[1] === import.meta.filename) {
  const { resolvers, url } = await startFakeServer({ port: Number(process.env.PORT ?? 4000), empty: process.argv.includes('--empty') });
  resolvers.signedIn = !process.argv.includes('--signed-out');
  setInterval(() => {
    for (const log of resolvers.data.logs.values()) if (!log.complete) log.total += 3;
    resolvers.changed();
  }, 300);
  process.stdout.write(`${url}\n`);
}
