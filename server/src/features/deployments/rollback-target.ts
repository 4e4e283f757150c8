import type { Tx } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';
import type { EnvironmentRow } from '../environments/environment.js';
import type { Strategy } from '../pipelines/pipeline.js';
import type { Configuration } from './deployment.js';

/** A deployment that once succeeded at a place: release, configuration, and how it was brought there. */
export type Deployed = { releaseId: string; configuration: Configuration; strategy: Strategy };

const COLUMNS = `release_id as "releaseId", configuration, strategy`;

/** The newest success there; with a release, the newest of that release. */
export async function deployedBefore(
  tx: Pick<Tx, 'query'>,
  environmentId: string,
  releaseId: string | null,
): Promise<Deployed | undefined> {
  const [deployed] = await tx.query<Deployed>(
    `select ${COLUMNS} from deployments where environment_id = $1 and state = 'succeeded' and ($2::uuid is null or release_id = $2) order by finished_at desc, id desc limit 1`,
    [environmentId, releaseId],
  );
  return deployed;
}

/**
 * What a rollback goes back to: the named release as it last ran there, or else the last success that had another release or
 * configuration than what serves now.
 * @throws DomainError when there is none
 */
export async function rollbackTarget(tx: Tx, environment: EnvironmentRow, toReleaseId: string | null): Promise<Deployed> {
  const target = toReleaseId ? await deployedBefore(tx, environment.id, toReleaseId) : await lastOther(tx, environment);
  if (target) return target;
  if (toReleaseId) {
    throw new DomainError(
      'conflict',
      'never_ran_here',
      `That release never ran in "${environment.name}", so there is no configuration to bring back with it. Deploy it instead.`,
    );
  }
  throw new DomainError(
    'conflict',
    'nothing_to_roll_back_to',
    `Nothing else ever ran in "${environment.name}". Deploy the release that you want instead.`,
  );
}

async function lastOther(tx: Tx, environment: EnvironmentRow): Promise<Deployed | undefined> {
  const serving = environment.desired.find((placed) => placed.weight > 0);
  const [other] = await tx.query<Deployed>(
    `select ${COLUMNS} from deployments where environment_id = $1 and state = 'succeeded' and rollout->'target'->>'releaseId' is distinct from $2
     order by finished_at desc, id desc limit 1`,
    [environment.id, serving?.releaseId ?? null],
  );
  return other;
}
