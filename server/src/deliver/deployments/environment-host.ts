import { isDeepStrictEqual } from 'node:util';
import { type DeploymentProgress, Desired, Observed, type ObservedReply } from '@slipway/protocol';
import { z } from 'zod';
import type { EnvironmentHost } from '../../build/runs/ports.js';
import type { Database, Tx } from '../../platform/database.js';
import { type DeadLetter, forgetDeadLetter, setAside } from '../../platform/dead-letters.js';
import { DomainError } from '../../platform/errors.js';
import { faultOf } from '../../platform/faults.js';
import { jsonb } from '../../platform/storable.js';
import { confirmDeleted } from '../environments/delete-environment.js';
import { assembleDesired, type DesiredDeps } from '../environments/desired-environment.js';
import type { EnvironmentRow } from '../environments/environment.js';
import { environmentChanged, lockEnvironment } from '../environments/environment-rows.js';
import { lockPlacement, moveToNextPort, type PortRange } from '../environments/place-environment.js';
import { type AdvanceDeps, completeReceipt, observeDeployment } from './advance-deployment.js';
import type { DeploymentRow } from './deployment.js';
import { DEPLOYMENT_COLUMNS, holderOf } from './deployment-rows.js';
import { isDeploymentOver } from './deployment-state.js';

export type EnvironmentHostDeps = DesiredDeps & AdvanceDeps & { database: Database; ports: PortRange };

/** Counters alone are not written more often than this; a little less than the 10 s at which agents report anyway. */
const KEEP_EVERY_MS = 9_000;

const About = z.object({ environmentId: z.uuid(), generation: z.number().int() });

/** See {@link EnvironmentHost}. */
export class DeploymentHost implements EnvironmentHost {
  /** Environments with a refused report, until one of their reports is accepted. */
  private readonly refused = new Set<string>();

  constructor(private readonly deps: EnvironmentHostDeps) {}

  desired(agentId: string, environmentId: string): Promise<ObservedReply> {
    const asked = Desired.parse({ environmentId });
    return this.deps.database.transaction(async (tx) => {
      const environment = await lockOwn(tx, agentId, asked.environmentId);
      return this.reply(tx, environment, await followed(tx, environment.id), null);
    });
  }

  async observed(agentId: string, payload: unknown): Promise<ObservedReply> {
    const about = About.safeParse(payload);
    if (!about.success) return this.take(agentId, payload);
    const { environmentId, generation } = about.data;
    const letter: DeadLetter = {
      kind: 'observation',
      key: environmentId,
      about: 'The report of an agent about an environment',
      body: { agentId, environmentId, generation },
    };
    try {
      const reply = await this.take(agentId, payload);
      if (this.refused.delete(environmentId)) await forgetDeadLetter(this.deps.database, letter.kind, letter.key);
      return reply;
    } catch (error) {
      if (error instanceof DomainError || faultOf(error) !== 'lasting') throw error;
      await this.setAside(letter, agentId, error);
      throw error;
    }
  }

  /** Agents say it again by themselves. What is seen of an environment of another agent is nobody's concern. */
  private async setAside(letter: DeadLetter, agentId: string, error: unknown): Promise<void> {
    const [environment] = await this.deps.database.query<{ name: string; projectId: string }>(
      'select name, project_id as "projectId" from environments where id = $1 and agent_id = $2',
      [letter.key, agentId],
    );
    if (!environment || this.refused.has(letter.key)) return;
    const { name, projectId } = environment;
    await setAside(this.deps.database, { ...letter, about: `The report of its agent about environment "${name}"`, projectId }, error, 1);
    this.refused.add(letter.key);
  }

  private take(agentId: string, payload: unknown): Promise<ObservedReply> {
    const observed = Observed.parse(payload);
    return this.deps.database.transaction(async (tx) => {
      const environment = await lockOwn(tx, agentId, observed.environmentId);
      const before = await followed(tx, environment.id);
      await keep(tx, environment, observed);
      if (needsAnotherPort(environment, observed)) {
        await lockPlacement(tx);
        return this.reply(tx, await moveToNextPort(tx, environment, this.deps.ports), before, observed.generation);
      }
      const moved = await this.advance(tx, { ...environment, observed, observedAgeMs: 0 }, observed);
      if (before && isDeploymentOver(before.state)) await completeReceipt(tx, before, observed);
      const after = before && before.id === moved.deployment?.id ? moved.deployment : before;
      return this.reply(tx, moved.environment, after, observed.generation);
    });
  }

  generations(agentId: string): Promise<{ environmentId: string; generation: number }[]> {
    return this.deps.database.query(
      `select id as "environmentId", generation from environments where agent_id = $1 and state <> 'deleted' order by id`,
      [agentId],
    );
  }

  private async advance(
    tx: Tx,
    environment: EnvironmentRow,
    observed: Observed,
  ): Promise<{ environment: EnvironmentRow; deployment: DeploymentRow | null }> {
    if (environment.state === 'deleting') {
      const gone =
        observed.generation === environment.generation &&
        observed.phase === 'converged' &&
        observed.instances.every(({ state }) => state === 'stopped');
      if (gone) await confirmDeleted(tx, environment);
      return { environment, deployment: null };
    }
    const deployment = await holderOf(tx, environment.id);
    return deployment ? observeDeployment(tx, this.deps, { environment, deployment }, observed) : { environment, deployment: null };
  }

  /** @param known generation that the agent has; null: it asks for whatever there is */
  private async reply(tx: Tx, environment: EnvironmentRow, deployment: DeploymentRow | null, known: number | null): Promise<ObservedReply> {
    const newer = known === null || known < environment.generation;
    return {
      desired: newer ? await assembleDesired(tx, this.deps, environment) : null,
      deployment: deployment && progressOf(deployment),
    };
  }
}

const needsAnotherPort = (environment: EnvironmentRow, { generation, error }: Observed): boolean =>
  error?.code === 'port_in_use' && generation === environment.generation && environment.currentReleaseId === null;

/** An environment of another agent is not even admitted to exist. */
async function lockOwn(tx: Tx, agentId: string, environmentId: string): Promise<EnvironmentRow> {
  const [own] = await tx.query('select 1 from environments where id = $1 and agent_id = $2', [environmentId, agentId]);
  if (own) return lockEnvironment(tx, environmentId);
  throw new DomainError(
    'not_found',
    'environment_not_yours',
    `Environment ${environmentId} does not live on this agent. Stop its instances and forget it.`,
  );
}

/** The oldest deployment whose job an agent still runs: that attempt follows it to its verdict, also after it is over. */
async function followed(tx: Tx, environmentId: string): Promise<DeploymentRow | null> {
  const [deployment] = await tx.query<DeploymentRow>(
    `select ${DEPLOYMENT_COLUMNS} from jobs j join deployments d on d.job_id = j.id
     where j.environment_id = $1 and j.kind = 'deploy' and j.state in ('running', 'cancelling') order by d.id limit 1`,
    [environmentId],
  );
  return deployment ?? null;
}

function progressOf({ id, state, message }: DeploymentRow): DeploymentProgress {
  const verdict = state === 'succeeded' ? 'succeeded' : isDeploymentOver(state) ? 'failed' : null;
  return { deploymentId: id, state, message, verdict };
}

/** An observation that was overtaken by one of a newer generation says nothing about now. */
async function keep(tx: Tx, environment: EnvironmentRow, observed: Observed): Promise<void> {
  const last = environment.observed;
  if (last && last.generation > observed.generation) return;
  const same = last !== null && isDeepStrictEqual(withoutTraffic(last), withoutTraffic(observed));
  if (same && environment.observedAgeMs !== null && environment.observedAgeMs < KEEP_EVERY_MS) return;
  await tx.query('update environments set observed = $2, observed_at = clock_timestamp() where id = $1', [environment.id, jsonb(observed)]);
  if (!same) environmentChanged(tx, environment);
}

const withoutTraffic = ({ traffic: _, ...rest }: Observed) => rest;
