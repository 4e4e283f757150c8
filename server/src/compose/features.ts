import { subjects } from '@slipway/protocol';
import { AgentQueries } from '../build/agents/agent.queries.js';
import { ArtifactStore } from '../build/artifacts/artifact-store.js';
import { JobQueries } from '../build/jobs/job.queries.js';
import { JetStreamLogSource } from '../build/logs/log-stream.js';
import { Logs } from '../build/logs/logs.js';
import { readPipelineAt } from '../build/pipelines/read-pipeline.js';
import type { DeployGate } from '../build/runs/ports.js';
import { RunQueries } from '../build/runs/run.queries.js';
import { createStartRun } from '../build/runs/start-run.js';
import { DeploymentGate } from '../deliver/deployments/deploy-gate.js';
import { createDeployJobs } from '../deliver/deployments/deploy-jobs.js';
import { DeploymentHost } from '../deliver/deployments/environment-host.js';
import type { TickDeps } from '../deliver/deployments/tick-deployments.js';
import { EnvironmentTokens } from '../deliver/environments/environment-token.js';
import type { PortRange } from '../deliver/environments/place-environment.js';
import { SecretCipher } from '../deliver/secrets/secret-cipher.js';
import { SecretStore } from '../deliver/secrets/secret-store.js';
import { SessionCookie } from '../people/access/session-cookie.js';
import { UserQueries } from '../people/access/user.queries.js';
import { ProjectQueries } from '../people/projects/project.queries.js';
import { FolderBlobStore } from '../platform/blob-store.js';
import type { Changes } from '../platform/changes.js';
import type { Database } from '../platform/database.js';
import { LiveReads } from '../platform/live.js';
import type { Logger } from '../platform/log.js';
import type { Nats } from '../platform/nats/nats.js';
import { OutboundAddresses } from '../platform/outbound-addresses.js';
import { outboundFetch } from '../platform/outbound-fetch.js';
import { SealedBox } from '../platform/sealed-box.js';
import { composeMirrors } from '../source/mirrors/compose-mirrors.js';
import { RepositoryHousekeeping } from '../source/repositories/hosting/repository-housekeeping.js';
import { PushIngest } from '../source/repositories/pushes/ingest-pushes.js';
import { RepositoryQueries } from '../source/repositories/repositories.queries.js';
import type { RepositoryStore } from '../source/repositories/repository-store.js';
import { composeBranches } from './branches.js';
import { composePullRequests } from './pull-requests.js';
import { composeWebhooks } from './webhooks.js';

/** How long the release before is kept running after a success, for a rollback in under a second. */
const WARM_MS = 10 * 60_000;
const MAX_ARTIFACT_BYTES = 2 * 1024 ** 3;
const ARTIFACT_DAYS = 30;

export type FeatureDeps = {
  database: Database;
  changes: Changes;
  nats: Nats;
  store: RepositoryStore;
  key: Uint8Array;
  blobDir: string;
  /** As people reach this server, without a slash at the end. */
  publicUrl: string;
  dataDir: string;
  gitAllow: readonly string[];
  ports: PortRange;
  log: Logger;
};
export type Features = ReturnType<typeof composeFeatures>;

/** What rooms offer each other. Runs and deployments need one another; the gate is looked up when it is asked. */
export function composeFeatures({ database, changes, nats, store, key, blobDir, dataDir, gitAllow, publicUrl, ports, log }: FeatureDeps) {
  let wakeTimer: () => void = () => undefined;
  const gateOf = (): DeployGate => gate;
  const startRun = createStartRun(gateOf);
  const deployJobs = createDeployJobs(gateOf);
  const secrets = new SecretStore(database, new SecretCipher(key));
  const tokens = new EnvironmentTokens(database, key);
  const sessionCookie = new SessionCookie(key);
  const advance = {
    warmMs: WARM_MS,
    wake: () => wakeTimer(),
    ports,
    secrets,
    artifactToken: (agentId: string, environmentId: string) => tokens.issue(agentId, environmentId),
  };
  const gate = new DeploymentGate(advance);
  const deploymentDeps: TickDeps = { ...advance, database, jobs: deployJobs };
  const blobs = new FolderBlobStore(blobDir);
  const logs = new Logs({
    database,
    source: new JetStreamLogSource(nats, log),
    blobs,
    changes,
    tell: (agentId, message) => nats.publish(subjects.control(agentId), message),
    log,
  });
  const pushes = new PushIngest({
    db: database,
    store,
    startRun,
    readPipeline: readPipelineAt,
    recorded: () => pullRequests.refsMoved(),
    log,
  });
  const housekeeping = new RepositoryHousekeeping(store, log);
  const addresses = new OutboundAddresses(gitAllow);
  const mirrors = composeMirrors({
    db: database,
    store,
    pushes,
    fetched: (id) => housekeeping.pushed(id),
    polled: (id) => pullRequests.sync(id),
    connectionChanged: (id) => pullRequests.sender.connectionChanged(id),
    box: new SealedBox(key),
    addresses,
    dataDir,
    log,
  });
  const pullRequests = composePullRequests({
    database,
    store,
    mirrors: mirrors.ports,
    fetch: outboundFetch(addresses),
    gate,
    startRun,
    publicUrl,
    log,
  });
  return {
    log,
    ports,
    startRun,
    gate,
    host: new DeploymentHost({ ...advance, database }),
    deploymentDeps,
    /** Whoever keeps the time of deployments; set once. */
    onDeploymentDue(wake: () => void) {
      wakeTimer = wake;
    },
    secrets,
    tokens,
    sessionCookie,
    blobs,
    logs,
    artifacts: new ArtifactStore(database, blobs, { maxBytes: MAX_ARTIFACT_BYTES, keepDays: ARTIFACT_DAYS }),
    maxArtifactBytes: MAX_ARTIFACT_BYTES,
    store,
    pushes,
    branches: composeBranches({ database, store, pushes, mirrors: mirrors.ports }),
    mirrors,
    pullRequests,
    webhooks: composeWebhooks({ database, changes, mirrors: mirrors.ports, pullRequests: pullRequests.news, log }),
    housekeeping,
    live: new LiveReads(changes, (error, what) => log.warn({ err: error, what }, 'A live value could not be read; trying again.')),
    projects: new ProjectQueries(database),
    repositories: new RepositoryQueries(database),
    runs: new RunQueries(database),
    jobs: new JobQueries(database),
    agents: new AgentQueries(database),
    users: new UserQueries(database),
  };
}
