import type { Tx } from '../../platform/database.js';
import { jsonb } from '../../platform/storable.js';
import type { EnvironmentRow, SecretRef } from '../environments/environment.js';
import { findRelease } from '../releases/release.queries.js';
import type { SecretStore } from '../secrets/secret-store.js';
import type { Configuration, DeploymentRow, Refusal } from './deployment.js';
import { configurationNow, moveDeployment } from './deployment-rows.js';
import { deployRefusal } from './may-deploy.js';
import { overtakenRefusal } from './overtaken.js';

/**
 * The environment is free and this deployment is first in line: it holds the environment from now on. A deploy takes the current variables and secret
 * versions of the environment; a rollback brings its own.
 */
export async function holdEnvironment(
  tx: Tx,
  secrets: SecretStore,
  environment: EnvironmentRow,
  deployment: DeploymentRow,
): Promise<Refusal | null> {
  const configured = await configure(tx, secrets, environment, deployment);
  if ('reason' in configured) {
    await moveDeployment(tx, deployment, 'fail', { ...configured, deadlineMs: null });
    return configured;
  }
  await tx.query('update deployments set configuration = $2 where id = $1', [deployment.id, jsonb(configured)]);
  await moveDeployment(tx, { ...deployment, configuration: configured }, 'hold', {
    reason: null,
    message: 'It is next; waiting for a free slot on the agent.',
    deadlineMs: null,
  });
  return null;
}

async function configure(
  tx: Tx,
  secrets: SecretStore,
  environment: EnvironmentRow,
  deployment: DeploymentRow,
): Promise<Configuration | Refusal> {
  if (environment.state !== 'active') {
    return { reason: 'environment_deleting', message: `"${environment.name}" was deleted. Make it again, then deploy again.` };
  }
  const refusal = await refusalNow(tx, environment, deployment);
  if (refusal) return refusal;
  const configuration = deployment.kind === 'rollback' ? deployment.configuration : await present(tx, secrets, environment, deployment);
  return 'reason' in configuration ? configuration : ((await unreadable(tx, secrets, configuration.secrets)) ?? configuration);
}

async function refusalNow(tx: Tx, { name }: EnvironmentRow, { createdBy, jobId, ...wanted }: DeploymentRow): Promise<Refusal | null> {
  const refusal = await deployRefusal(tx, { ...wanted, environment: name, by: createdBy });
  return refusal ?? (jobId ? overtakenRefusal(tx, { ...wanted, jobId }) : null);
}

async function present(
  tx: Tx,
  secrets: SecretStore,
  environment: EnvironmentRow,
  deployment: DeploymentRow,
): Promise<Configuration | Refusal> {
  const release = await findRelease(tx, deployment.releaseId);
  const refs = await secrets.refs(tx, environment.projectId, environment.id);
  const { configuration, missing } = configurationNow(environment, refs, release?.app.secrets ?? []);
  if (missing.length === 0) return configuration;
  return {
    reason: 'secret_missing',
    message: `The application asks for ${missing.map((name) => `"${name}"`).join(', ')}, but no such secret is set for "${environment.name}" or its project. Set it, then retry the job.`,
  };
}

/** Checked now, before anything is changed, and not by the agent half-way. */
async function unreadable(tx: Tx, secrets: SecretStore, refs: SecretRef[]): Promise<Refusal | null> {
  try {
    await secrets.open(tx, refs);
    return null;
  } catch (error) {
    return { reason: 'secret_unreadable', message: error instanceof Error ? error.message : String(error) };
  }
}
