import type { Database } from '../../platform/database.js';
import { notFound } from '../../platform/errors.js';
import type { EnvironmentRow, PlacedRelease } from '../environments/environment.js';
import { readEnvironment } from '../environments/environment-rows.js';
import type { ReleaseRow } from '../releases/release.js';
import { findRelease } from '../releases/release.queries.js';
import type { SecretStore } from '../secrets/secret-store.js';
import { isWarm } from './advance-deployment.js';
import { type Configuration, givenVariables, renderRelease } from './deployment.js';
import { configurationNow } from './deployment-rows.js';
import { type CommitsBetween, type ReleaseCommits, releaseCommits } from './release-commits.js';
import { deployedBefore } from './rollback-target.js';

export type PreviewDeps = { database: Database; secrets: SecretStore; commitsBetween: CommitsBetween };

export type DeployPreview = ReleaseCommits & {
  variables: { name: string; before: string | null; after: string | null }[];
  secrets: string[];
  warm: boolean;
};

/**
 * What bringing a release to an environment would change.
 * @param rollback whether it would come with the configuration that it had there before; null: if it ran there before and is older than what serves now
 */
export async function deployPreview(
  deps: PreviewDeps,
  environmentId: string,
  releaseId: string,
  rollback: boolean | null,
): Promise<DeployPreview> {
  const { database } = deps;
  const environment = await readEnvironment(database, environmentId);
  const release = await findRelease(database, releaseId);
  if (!release || release.projectId !== environment.projectId) throw notFound('release', releaseId);
  const serving = environment.desired.find((placed) => placed.weight > 0);
  const current = serving && (await findRelease(database, serving.ofRelease));
  const back = rollback ?? (current !== undefined && release.number < current.number);
  const target = renderRelease(release, environment, await configurationFor(deps, environment, release, back));
  return {
    ...(await releaseCommits(deps.commitsBetween, current, release)),
    variables: changedVariables(serving, target),
    secrets: changedSecrets(serving, target),
    warm: isWarm(target, environment),
  };
}

async function configurationFor(
  { database, secrets }: PreviewDeps,
  environment: EnvironmentRow,
  release: ReleaseRow,
  back: boolean,
): Promise<Configuration> {
  const before = back ? await deployedBefore(database, environment.id, release.id) : undefined;
  if (before) return before.configuration;
  const refs = await secrets.refs(database, environment.projectId, environment.id);
  return configurationNow(environment, refs, release.app.secrets).configuration;
}

function changedVariables(serving: PlacedRelease | undefined, target: PlacedRelease): DeployPreview['variables'] {
  const [before, after] = [givenVariables(serving?.env ?? {}), givenVariables(target.env)];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names
    .map((name) => ({ name, before: before[name] ?? null, after: after[name] ?? null }))
    .filter((change) => change.before !== change.after);
}

function changedSecrets(serving: PlacedRelease | undefined, target: PlacedRelease): string[] {
  const versions = (placed: PlacedRelease | undefined) => new Map(placed?.secrets.map((secret) => [secret.name, secret.secretId]));
  const [before, after] = [versions(serving), versions(target)];
  return [...new Set([...before.keys(), ...after.keys()])].filter((name) => before.get(name) !== after.get(name)).sort();
}
