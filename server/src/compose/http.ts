import type { FastifyInstance, FastifyRequest } from 'fastify';
import { admitAgent } from '../build/agents/agent-accounts.js';
import { enrolmentRoutes } from '../build/agents/enrolment.routes.js';
import { artifactRoutes } from '../build/artifacts/artifacts.routes.js';
import { jobByToken } from '../build/jobs/accept-attempt.js';
import { logDownload } from '../build/logs/log-download.routes.js';
import { pipelineSchemaRoutes } from '../build/pipelines/pipeline-schema.routes.js';
import type { Config } from '../config.js';
import { Access } from '../people/access/access.js';
import { authChecker } from '../people/access/auth-checker.js';
import { Authenticator } from '../people/access/authenticator.js';
import type { TargetThing } from '../people/access/target.js';
import type { Changes } from '../platform/changes.js';
import type { Database } from '../platform/database.js';
import { DomainError } from '../platform/errors.js';
import { buildGraph } from '../platform/graphql/build-schema.js';
import { addGraphqlHttp } from '../platform/graphql/graphql-http.js';
import { addGraphqlSockets } from '../platform/graphql/graphql-sockets.js';
import { createHttp } from '../platform/http/create-http.js';
import type { Logger } from '../platform/log.js';
import { Metrics } from '../platform/metrics.js';
import type { NatsAccounts } from '../platform/nats/accounts.js';
import type { Nats } from '../platform/nats/nats.js';
import { pushRulesFor } from '../source/branches/rules/push-rules.js';
import { gitHttpRoutes } from '../source/repositories/hosting/git-http.routes.js';
import type { Features } from './features.js';
import { RESOLVER_CLASSES } from './resolver-classes.js';
import { composeResolvers } from './resolvers.js';
import { composeRest } from './rest.js';
import { standingGauges } from './standing-gauges.js';

export type ServeDeps = {
  config: Config;
  features: Features;
  database: Database;
  changes: Changes;
  nats: Nats;
  accounts: NatsAccounts;
  log: Logger;
};

/** Everything that is served over HTTP; the caller listens and closes. */
export async function serveHttp(deps: ServeDeps): Promise<FastifyInstance> {
  const { config, features, database, changes, nats, accounts, log } = deps;
  const metrics = new Metrics();
  const access = new Access(database);
  const callers = new Authenticator(database, changes, features.sessionCookie);
  const app = await createHttp({
    log,
    metrics,
    metricsToken: config.metricsToken,
    readiness: [
      { name: 'postgres', check: () => database.query('select 1') },
      { name: 'nats', check: () => (nats.connected ? nats.connection.flush() : Promise.reject(new Error('NATS is not connected.'))) },
    ],
    webDir: config.webDir,
    trustedProxies: config.trustedProxies,
    publicUrl: config.publicUrl,
    hsts: config.hsts,
  });
  const graph = buildGraph(RESOLVER_CLASSES, composeResolvers({ database, access, features, log }), authChecker(access));
  const graphql = {
    graph,
    callers,
    log,
    metrics,
    publicUrl: config.publicUrl,
    trustedProxies: config.trustedProxies,
    development: config.development,
  };
  await addGraphqlHttp(app, graphql);
  addGraphqlSockets(app, graphql);

  const mayRead = (thing: TargetThing) => async (request: FastifyRequest, id: string) =>
    access.authorise(await callers.byHeadersAlone(request.headers), 'project.read', [{ thing, id }]);
  const tokenOf = (token: string) => jobByToken(database, token);
  await app.register(
    gitHttpRoutes({
      db: database,
      store: features.store,
      pushes: features.pushes,
      pushed: (id) => features.housekeeping.pushed(id),
      pushRules: (id, userId) => pushRulesFor(database, id, userId),
      publicUrl: config.publicUrl,
      log,
      authenticate: (authorization) => nobodyFor(callers.byHeaders({ authorization })),
      can: (actor, permission, projectId) => access.may(actor, permission, [{ thing: 'project', id: projectId }]),
      jobToken: tokenOf,
    }),
  );
  await app.register(
    artifactRoutes({
      artifacts: features.artifacts,
      blobs: features.blobs,
      maxBytes: features.maxArtifactBytes,
      jobByToken: tokenOf,
      environmentMayFetch: (token, digest) => features.tokens.mayFetch(token, digest),
      // Deploy jobs fetch with their environment's token.
      jobMayFetch: async () => false,
      authorise: mayRead('artifact'),
    }),
  );
  await app.register(logDownload({ logs: features.logs, authorise: mayRead('attempt') }));
  for (const metric of [features.webhooks.counter, ...standingGauges(database, log)]) metrics.registry.registerMetric(metric);
  await app.register(features.webhooks.routes);
  await app.register(pipelineSchemaRoutes);
  await app.register(composeRest({ database, access, features, byToken: (token) => callers.byToken(token), publicUrl: config.publicUrl }));
  await app.register(
    enrolmentRoutes({
      database,
      natsUrl: config.natsUrl,
      admit: (agentId, key) => admitAgent({ database, accounts, log }, agentId, key),
    }),
  );
  return app;
}

/** Git asks again with a password when it gets 401; a wrong token is not an error of ours. */
async function nobodyFor<T>(answer: Promise<T | null>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof DomainError && error.kind === 'unauthenticated') return null;
    throw error;
  }
}
