import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logsStream } from '../../build/logs/log-stream.js';
import { composeFeatures } from '../../compose/features.js';
import { serveHttp } from '../../compose/http.js';
import { readConfig } from '../../config.js';
import { aWorld } from '../../deliver/deployments/testing/world.js';
import { openSession } from '../../people/access/session.js';
import { createToken } from '../../people/access/token.js';
import { Changes } from '../../platform/changes.js';
import { runGit } from '../../platform/git.js';
import { createLog } from '../../platform/log.js';
import { NatsAccounts } from '../../platform/nats/accounts.js';
import { JOBS_STREAM, Nats } from '../../platform/nats/nats.js';
import { RepositoryStore } from '../../source/repositories/repository-store.js';
import { WorkTree } from '../../source/repositories/testing/work-tree.js';
import { testNats } from '../nats.js';

const KEY = new Uint8Array(32);

/**
 * Everything that answers over HTTP, put together as for people, with a repository, a run, an environment and a deployment; none of the loops. What it logs as
 * an error is kept.
 */
export async function wholeServer() {
  const stack = new AsyncDisposableStack();
  const world = stack.adopt(await aWorld(), (each) => each.close());
  const nats = stack.adopt(await testNats(), (each) => each.close());
  const dataDir = stack.adopt(await mkdtemp(join(tmpdir(), 'slipway-hostile-')), (each) => rm(each, { recursive: true, force: true }));
  const errors: Record<string, unknown>[] = [];
  const log = createLog('error', 'slipway-server', { write: (line) => void errors.push(JSON.parse(line) as Record<string, unknown>) });
  const { database } = world;
  const { url: natsUrl, authenticator, identity } = nats;
  const connection = await Nats.connect({ url: natsUrl, authenticator, streams: [JOBS_STREAM, logsStream()], log });
  stack.defer(() => connection.close());
  const accounts = stack.adopt(new NatsAccounts(identity, natsUrl), (each) => each.close());
  const changes = new Changes();
  stack.defer(database.onChanged((key) => changes.emit(key)));
  const store = new RepositoryStore(dataDir);
  await store.open();
  const config = readConfig({
    DATABASE_URL: database.url,
    NATS_URL: natsUrl,
    SLIPWAY_DATA_DIR: dataDir,
    SLIPWAY_WEB_DIR: join(dataDir, 'none'),
    SLIPWAY_NATS_FILE: join(dataDir, 'none'),
    SLIPWAY_SECRET_KEY_FILE: join(dataDir, 'none'),
  });
  const features = composeFeatures({
    ...{ database, changes, store, dataDir, log, nats: connection, key: KEY, blobDir: join(dataDir, 'blobs') },
    ...{ gitAllow: [], publicUrl: 'http://slipway.test', ports: config.environmentPorts },
  });
  await features.mirrors.files.open();
  stack.defer(() => features.mirrors.stop());
  const app = stack.adopt(await serveHttp({ config, features, database, changes, nats: connection, accounts, log }), (each) =>
    each.close(),
  );
  await world.reset();
  const agent = await world.anAgent();
  await world.push();
  await world.deployNext(agent);
  const repository = await aHistory();

  /** Two commits on `main`, and the run of their push. */
  async function aHistory() {
    const { repositoryId, userId } = world.at;
    await store.init(repositoryId);
    await using tree = await WorkTree.make();
    await tree.commit('First', { 'package.json': '{"name":"a"}' });
    const sha = await tree.commit('Second', { '.slipway.yml': 'jobs:\n  build:\n    steps: [{ run: make }]\n' });
    const gitDir = store.folder(repositoryId);
    await tree.git('push', '--quiet', gitDir, 'HEAD:refs/slipway/incoming');
    await runGit(['update-ref', 'refs/heads/main', sha], { gitDir, ...store.writing(userId) });
    await features.pushes.ingest(repositoryId);
    return { id: repositoryId, sha };
  }

  const session = await database.transaction((tx) => openSession(tx, world.at.userId));
  return {
    app,
    database,
    features,
    errors,
    log,
    nats,
    connection,
    world,
    agentId: agent.agentId,
    at: world.at,
    repository,
    project: `p-${world.at.projectId.slice(-12)}`,
    token: (await createToken(database, { userId: world.at.userId, name: 'test', expiresInDays: null })).secret,
    /** Headers of a person who is signed in. */
    signedIn: {
      cookie: `${features.sessionCookie.nameFor('http:')}=${session.cookie}`,
      'x-slipway-session-key': session.key,
    },
    /** Of the first thing of a table. */
    idOf: async (table: string) => (await database.query<{ id: string }>(`select id from ${table} order by id limit 1`))[0]?.id ?? '',
    close: () => stack.disposeAsync(),
  };
}
