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
import { deployedBefore } from './rollback-target.js';

/** Commits that `to` reaches and `from` does not, newest first, at most `limit`; empty when either is not in the repository. */
export type CommitsBetween = (repositoryId: string, from: string, to: string, limit: number) => Promise<string[]>;

export type PreviewDeps = { database: Database; secrets: SecretStore; commitsBetween: CommitsBetween };

export type Direction = 'first' | 'same' | 'forward' | 'backward' | 'diverged';
export type DeployPreview = {
  repositoryId: string;
  shas: string[];
  commitsTruncated: boolean;
  direction: Direction;
  variables: { name: string; before: string | null; after: string | null }[];
  secrets: string[];
  warm: boolean;
};

const MOST_COMMITS = 50;

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
  const { shas, direction } = await commitsOf(deps.commitsBetween, current, release);
  return {
    repositoryId: release.repositoryId,
    shas: shas.slice(0, MOST_COMMITS),
    commitsTruncated: shas.length > MOST_COMMITS,
    direction,
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

async function commitsOf(
  between: CommitsBetween,
  current: ReleaseRow | undefined,
  release: ReleaseRow,
): Promise<{ shas: string[]; direction: Direction }> {
  if (!current) return { shas: [release.commitSha], direction: 'first' };
  if (current.commitSha === release.commitSha) return { shas: [], direction: 'same' };
  if (current.repositoryId !== release.repositoryId) return { shas: [release.commitSha], direction: 'diverged' };
  const out = await between(release.repositoryId, current.commitSha, release.commitSha, MOST_COMMITS + 1);
  const back = await between(release.repositoryId, release.commitSha, current.commitSha, MOST_COMMITS + 1);
  if (out.length === 0) return { shas: back, direction: 'backward' };
  return { shas: out, direction: back.length === 0 ? 'forward' : 'diverged' };
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
