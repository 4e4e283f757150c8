import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { Access } from '../people/access/access.js';
import { authChecker } from '../people/access/auth-checker.js';
import { Authenticator } from '../people/access/authenticator.js';
import { SessionCookie } from '../people/access/session-cookie.js';
import { Changes } from '../platform/changes.js';
import type { Database } from '../platform/database.js';
import { buildGraph } from '../platform/graphql/build-schema.js';
import { addGraphqlHttp } from '../platform/graphql/graphql-http.js';
import { addGraphqlSockets } from '../platform/graphql/graphql-sockets.js';
import type { ResolverClass } from '../platform/http/context.js';
import { createHttp } from '../platform/http/create-http.js';
import { LiveReads } from '../platform/live.js';
import { Metrics } from '../platform/metrics.js';
import { silent } from './graphql.js';

type Deps = { database: Database; changes: Changes; live: LiveReads; access: Access; cookie: SessionCookie };

/** A real HTTP server with GraphQL on both transports, for resolvers on a test database; this process alone tells of changes. */
export async function serveGraph(database: Database, resolvers: (deps: Deps) => object[]) {
  const changes = new Changes();
  const stop = database.onChanged((key) => changes.emit(key));
  const live = new LiveReads(changes, () => undefined);
  const access = new Access(database);
  const cookie = new SessionCookie(new Uint8Array(32));
  const instances = resolvers({ database, changes, live, access, cookie });
  const classes = instances.map((resolver) => resolver.constructor as unknown as ResolverClass);
  const metrics = new Metrics();
  const app = await createHttp({
    log: silent,
    metrics,
    metricsToken: null,
    readiness: [],
    webDir: join(import.meta.dirname, 'none'),
    trustedProxies: 0,
    publicUrl: null,
    hsts: true,
  });
  const options = {
    graph: buildGraph(classes, instances, authChecker(access)),
    callers: new Authenticator(database, changes, cookie),
    log: silent,
    metrics,
    publicUrl: null,
    trustedProxies: 0,
    development: false,
  };
  await addGraphqlHttp(app, options);
  addGraphqlSockets(app, options);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const host = `127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}`,
    socketUrl: `ws://${host}/graphql`,
    changes,
    /** A client that does not reconnect. */
    socketClient: (token?: string): Client =>
      createClient({
        url: `ws://${host}/graphql`,
        webSocketImpl: WebSocket,
        retryAttempts: 0,
        ...(token ? { connectionParams: { token } } : {}),
      }),
    async close(): Promise<void> {
      await app.close();
      stop();
    },
  };
}
