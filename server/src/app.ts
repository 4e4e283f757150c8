import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { keepAgentsApart, keepAgentsApartForGood } from './build/agents/agent-accounts.js';
import { leaveEnrolmentToken } from './build/agents/embedded-agent.js';
import { Retention } from './build/artifacts/retention.js';
import { Dispatcher } from './build/jobs/dispatcher.js';
import { QueueNews } from './build/jobs/queue-news.js';
import { Reaper } from './build/jobs/reaper.js';
import { logsStream } from './build/logs/log-stream.js';
import { answerAgents } from './compose/agents.js';
import { composeFeatures, type Features } from './compose/features.js';
import { serveHttp } from './compose/http.js';
import type { Config } from './config.js';
import { DeploymentTimer } from './deliver/deployments/deployment-timer.js';
import { migrations } from './migrations/index.js';
import { ensureAdmin } from './people/access/ensure-admin.js';
import { createSignInLink, signInPath } from './people/access/sign-in-link.js';
import { Changes } from './platform/changes.js';
import { createLog, type Logger } from './platform/log.js';
import { NatsAccounts } from './platform/nats/accounts.js';
import { readNatsIdentity, serverAuthenticator } from './platform/nats/identity.js';
import { JOBS_STREAM, Nats } from './platform/nats/nats.js';
import { OutboxRelay } from './platform/outbox-relay.js';
import { connectDatabase } from './platform/postgres.js';
import { makeSample } from './source/repositories/make-sample.js';
import { RepositoryStore } from './source/repositories/repository-store.js';

const EXAMPLE_DIR = fileURLToPath(new URL('../../examples/hello-npm', import.meta.url));

export type RunningServer = {
  url: string;
  signInLink: string;
  /** Answers what is under way, then lets go of everything. */
  close(): Promise<void>;
};

/** Builds every adapter, starts every loop, and listens. What it starts it stops again, also when a later part fails to start. */
export async function startServer(config: Config): Promise<RunningServer> {
  const log = createLog(config.logLevel, 'slipway-server');
  const stack = new AsyncDisposableStack();
  try {
    return await start(config, log, stack);
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function start(config: Config, log: Logger, stack: AsyncDisposableStack): Promise<RunningServer> {
  const identity = await readNatsIdentity(config.natsFile);
  const key = await readFile(config.secretKeyFile);
  const database = await connectDatabase({ migrations, url: config.databaseUrl });
  stack.defer(() => database.source.destroy());
  const changes = new Changes();
  const nats = await Nats.connect({
    url: config.natsUrl,
    authenticator: serverAuthenticator(identity),
    streams: [JOBS_STREAM, logsStream()],
    log,
  });
  stack.defer(() => nats.close());
  stack.defer(hearChanges(database, nats, changes));
  const accounts = new NatsAccounts(identity, config.natsUrl);
  stack.defer(() => accounts.close());
  await keepAgentsApart(database, accounts);
  stack.defer(keepAgentsApartForGood({ database, accounts, log }, nats));

  const store = new RepositoryStore(config.dataDir);
  await store.open();
  const url = config.publicUrl ?? `http://localhost:${config.port}`;
  const features = composeFeatures({
    database,
    changes,
    nats,
    store,
    key,
    blobDir: join(config.dataDir, 'blobs'),
    dataDir: config.dataDir,
    gitAllow: config.gitAllow,
    ports: config.environmentPorts,
    publicUrl: url,
    log,
  });
  await features.mirrors.files.open();
  await features.secrets.refuseOtherKey();
  stack.defer(features.pullRequests.start());
  const admin = await ensureAdmin(database, config.adminToken);

  const relay = new OutboxRelay(database, nats, log);
  const dispatcher = new Dispatcher(database, changes, log);
  const reaper = new Reaper({ database, gate: features.gate, log, now: Date.now });
  const timer = new DeploymentTimer(features.deploymentDeps, changes, log);
  features.onDeploymentDue(() => timer.wake());
  const retention = new Retention({ database, blobs: features.blobs, log, now: () => new Date() });
  relay.start();
  stack.defer(() => relay.stop());
  features.logs.start();
  stack.defer(() => features.logs.close());
  const queueNews = new QueueNews({ database, changes, log, now: Date.now });
  for (const loop of [dispatcher, reaper, timer, queueNews]) {
    loop.start();
    stack.defer(() => loop.stop());
  }
  retention.start();
  stack.defer(() => retention.close());

  stack.defer(answerAgents({ database, nats, features, log }));
  const http = await serveHttp({ config, features, database, changes, nats, accounts, log });
  stack.defer(() => http.close());
  await features.pushes.start();
  stack.defer(() => features.pushes.stop());
  stack.defer(() => features.housekeeping.stop());
  features.webhooks.loop.start();
  stack.defer(() => features.webhooks.loop.stop());
  features.mirrors.fetcher.start();
  stack.defer(() => features.mirrors.stop());
  await http.listen({ port: config.port, host: config.host });
  if (config.sample) await makeSample({ db: database, store, pushes: features.pushes, exampleDir: EXAMPLE_DIR, ownerId: admin.userId });
  if (config.embeddedAgentFile) await leaveEnrolmentToken(database, config.embeddedAgentFile);
  const signInLink = `${url}${signInPath(await createSignInLink(database, admin.userId))}`;
  log.info({ url }, 'Ready.');
  return { url, signInLink, close: () => stopServing(features, http, stack) };
}

/** Own commits are heard at once, other servers' over NATS; after a reconnect everything is read again. */
function hearChanges(database: Awaited<ReturnType<typeof connectDatabase>>, nats: Nats, changes: Changes): () => void {
  const forget = [database.onChanged((key) => changes.emit(key)), nats.onReconnect(() => changes.everything())];
  const subscription = nats.connection.subscribe('changed.>', {
    callback: (_error, message) => changes.emit(message.subject.slice('changed.'.length)),
  });
  return () => {
    subscription.unsubscribe();
    for (const stop of forget) stop();
  };
}

/** Hosts first: requests and loops may wait for one that is silent. */
async function stopServing({ mirrors }: Features, http: FastifyInstance, stack: AsyncDisposableStack): Promise<void> {
  await mirrors.stop();
  await http.close();
  await stack.disposeAsync();
}
