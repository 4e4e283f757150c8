import type { Strategy } from '../../build/pipelines/pipeline.js';
import type { Tx } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';
import type { Configuration } from './deployment.js';
import { HOLDING } from './deployment-rows.js';
import { type Stood, wayBack } from './ways-back.js';

type Reader = Pick<Tx, 'query'>;
type Place = { id: string; name: string };

/** A deployment that once succeeded at a place: release, configuration, and how it was brought there. */
export type Deployed = { releaseId: string; configuration: Configuration; strategy: Strategy };

const COLUMNS = `release_id as "releaseId", configuration, strategy`;

/** How many successful deployments are considered when looking for the previous one. */
const MOST_STEPS = 200;

/** The newest success there; with a release, the newest of that release. */
export async function deployedBefore(tx: Reader, environmentId: string, releaseId: string | null): Promise<Deployed | undefined> {
  const [deployed] = await tx.query<Deployed>(
    `select ${COLUMNS} from deployments where environment_id = $1 and state = 'succeeded' and ($2::uuid is null or release_id = $2) order by finished_at desc, id desc limit 1`,
    [environmentId, releaseId],
  );
  return deployed;
}

/**
 * What a rollback goes back to: the named release as it last ran there, or else what served before (see {@link wayBack}).
 * @throws DomainError when there is none, or when a rollback to it is under way
 */
export async function rollbackTarget(tx: Reader, environment: Place, toReleaseId: string | null): Promise<Deployed> {
  await refuseTwice(tx, environment, toReleaseId);
  const target = toReleaseId ? await deployedBefore(tx, environment.id, toReleaseId) : await lastOther(tx, environment.id);
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

/** Two people who press the same button at once want one rollback. */
async function refuseTwice(tx: Reader, { id, name }: Place, toReleaseId: string | null): Promise<void> {
  const [underWay] = await tx.query<{ number: number }>(
    `select l.number from deployments d join releases l on l.id = d.release_id
     where d.environment_id = $1 and d.kind = 'rollback' and d.state in ('waiting', ${HOLDING}) and ($2::uuid is null or d.release_id = $2) limit 1`,
    [id, toReleaseId],
  );
  if (!underWay) return;
  throw new DomainError(
    'conflict',
    'rollback_under_way',
    `A rollback of "${name}" to release #${underWay.number} is under way. Wait for it; to go somewhere else at once, name another release.`,
  );
}

async function lastOther(tx: Reader, environmentId: string): Promise<Deployed | undefined> {
  const [before] = await waysBack(tx, [environmentId]);
  if (!before) return undefined;
  const [deployed] = await tx.query<Deployed>(`select ${COLUMNS} from deployments where id = $1`, [before.id]);
  return deployed;
}

type Step = Stood & { environmentId: string; state: string };

/** Of each environment, the deployment that a rollback without a named release brings back now; null: there is none. */
export async function waysBack(tx: Reader, environmentIds: readonly string[]): Promise<(Stood | null)[]> {
  const steps = await tx.query<Step>(
    `select d.* from unnest($1::uuid[]) as e(id) cross join lateral (
       (select d.id, d.environment_id as "environmentId", d.kind, d.state, d.release_id as "releaseId", l.commit_sha as "commitSha",
          md5(d.configuration::text) as configured, d.finished_at, 1 as newest
        from deployments d join releases l on l.id = d.release_id
        where d.environment_id = e.id and d.state = 'succeeded'
          and l.repository_id = coalesce((select r.repository_id from environments v join releases r on r.id = v.current_release_id where v.id = e.id), l.repository_id)
        order by d.finished_at desc, d.id desc limit ${MOST_STEPS})
       union all
       select d.id, d.environment_id, d.kind, d.state, d.release_id, l.commit_sha, md5(d.configuration::text), null, 0
       from deployments d join releases l on l.id = d.release_id where d.environment_id = e.id and d.state in (${HOLDING})) d
     order by d.newest desc, d.finished_at, d.id`,
    [environmentIds],
  );
  return environmentIds.map((id) => before(steps.filter((step) => step.environmentId === id)));
}

/** A rollback that is under way is taken for done. */
function before(steps: readonly Step[]): Stood | null {
  const holder = steps.find(({ state }) => state !== 'succeeded');
  const past = steps.filter((step) => step !== holder || step.kind === 'rollback');
  return wayBack(past, holder?.kind === 'deploy') ?? null;
}
