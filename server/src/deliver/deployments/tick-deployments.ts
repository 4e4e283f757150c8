import type { Database, Tx } from '../../platform/database.js';
import type { OneByOne } from '../../platform/dead-letters.js';
import { environmentChanged, lockEnvironment, recordEnvironment } from '../environments/environment-rows.js';
import { choosePlace, lockPlacement, type PortRange } from '../environments/place-environment.js';
import { type AdvanceDeps, deploymentOverdue, dropWarmRelease } from './advance-deployment.js';
import type { DeployJobs } from './deploy-jobs.js';
import { deploymentById, HOLDING, holderOf, moveDeployment } from './deployment-rows.js';

export type TickDeps = AdvanceDeps & { database: Database; jobs: DeployJobs; ports: PortRange };

/**
 * Everything that is due by now, and what ended deployments left to be done in other runs, which can't be locked while an
 * environment is. Each piece is a transaction of its own and decided under its lock, so any number of servers may do this at once
 * and a crash between two of them loses nothing. One that can't be done is set aside, and those behind it are done.
 *
 * @returns how many pieces are left undone
 */
export async function tickDeployments(deps: TickDeps, work: OneByOne): Promise<number> {
  const { database } = deps;
  const each = (what: string, found: Found[], does: (tx: Tx, id: string) => Promise<void>) =>
    work.run(
      'deployment_work',
      found,
      ({ id }) => ({ key: `${what}:${id}`, about: `${what} ${id}` }),
      ({ id }) => database.transaction((tx) => does(tx, id)),
    );
  return (
    (await each('A place for environment', await homeless(database), (tx, id) => giveHome(tx, deps, id))) +
    (await each('The deadline of deployment', await overdue(database), (tx, id) => passDeadline(tx, deps, id))) +
    (await each('Withdrawing deployment', await orphaned(database), withdrawOrphan)) +
    (await each('Ending deploy job', await endedJobs(database), (tx, id) => deps.jobs.endWithoutAttempt(tx, id))) +
    (await each('Waiting deployments of environment', await freeEnvironments(database), (tx, id) => deps.jobs.resumeWaiting(tx, id))) +
    (await each('The warm release of environment', await cooled(database), coolDown))
  );
}

/** Milliseconds until something is due; null: nothing is. */
export async function nextDueMs(database: Database): Promise<number | null> {
  const [next] = await database.query<{ ms: number | null }>(
    `select (extract(epoch from least((select min(deadline) from deployments where deadline is not null),
       (select min(warm_until) from environments where warm_until is not null)) - clock_timestamp()) * 1000)::float8 as ms`,
  );
  return next?.ms ?? null;
}

type Found = { id: string };

const homeless = (database: Database) => database.query<Found>(`select id from environments where agent_id is null and state = 'active'`);

const overdue = (database: Database) => database.query<Found>(`select id from deployments where deadline <= clock_timestamp()`);

/** Their job is over without them, so nobody would ever begin them. */
const orphaned = (database: Database) =>
  database.query<Found>(
    `select d.id from deployments d left join jobs j on j.id = d.job_id
     where d.state in ('waiting', 'provisioning') and d.rollout is null
       and (j.id is null or j.state in ('succeeded', 'failed', 'cancelled', 'timed_out', 'skipped'))`,
  );

/** A job whose deployment succeeded is left for its agent to take up again and end well, unless that agent is not there any more. */
const endedJobs = (database: Database) =>
  database.query<Found>(
    `select j.id from jobs j join deployments d on d.job_id = j.id
     where j.kind = 'deploy' and j.state in ('waiting', 'queued', 'assigned', 'running', 'cancelling')
       and (d.state in ('rolled_back', 'failed', 'superseded', 'cancelled') or (d.state = 'succeeded' and j.state = 'queued'
         and not exists (select 1 from agents g where g.id = j.pinned_agent_id and g.connected)))
       and not exists (select 1 from attempts a where a.job_id = j.id and a.state <> 'ended')`,
  );

const freeEnvironments = (database: Database) =>
  database.query<Found>(
    `select distinct w.environment_id as id from deployments w join environments e on e.id = w.environment_id
     where w.state = 'waiting' and e.agent_id is not null
       and not exists (select 1 from deployments h where h.environment_id = w.environment_id and h.state in (${HOLDING}))`,
  );

const cooled = (database: Database) => database.query<Found>(`select id from environments where warm_until <= clock_timestamp()`);

async function giveHome(tx: Tx, { ports }: TickDeps, id: string): Promise<void> {
  const environment = await lockEnvironment(tx, id);
  await lockPlacement(tx);
  const place = environment.agentId || environment.state !== 'active' ? null : await choosePlace(tx, ports);
  if (!place) return;
  await tx.query('update environments set agent_id = $2, port = $3 where id = $1', [id, place.agentId, place.port]);
  await recordEnvironment(tx, id, 'placed', null, place);
  environmentChanged(tx, environment);
}

async function passDeadline(tx: Tx, deps: TickDeps, id: string): Promise<void> {
  const found = await deploymentById(tx, id);
  if (!found) return;
  const environment = await lockEnvironment(tx, found.environmentId);
  const [still] = await tx.query('select 1 from deployments where id = $1 and deadline <= clock_timestamp()', [id]);
  const deployment = await deploymentById(tx, id);
  if (still && deployment) await deploymentOverdue(tx, deps, { environment, deployment });
}

async function withdrawOrphan(tx: Tx, id: string): Promise<void> {
  const found = await deploymentById(tx, id);
  if (!found) return;
  await lockEnvironment(tx, found.environmentId);
  const deployment = await deploymentById(tx, id);
  if (!deployment || deployment.rollout || (deployment.state !== 'waiting' && deployment.state !== 'provisioning')) return;
  await moveDeployment(tx, deployment, 'withdraw', { reason: 'cancelled', message: 'Its job ended before it began.', deadlineMs: null });
}

async function coolDown(tx: Tx, id: string): Promise<void> {
  const environment = await lockEnvironment(tx, id);
  const [still] = await tx.query('select 1 from environments where id = $1 and warm_until <= clock_timestamp()', [id]);
  if (still && !(await holderOf(tx, id))) await dropWarmRelease(tx, environment);
}
