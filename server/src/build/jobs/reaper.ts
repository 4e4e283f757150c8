import type { Logger } from 'pino';
import type { Database, Tx } from '../../platform/database.js';
import { OneByOne } from '../../platform/dead-letters.js';
import { agentPresenceChanged } from '../agents/agent-presence.js';
import type { DeployGate } from '../runs/ports.js';
import { LEASE_MS } from './accept-attempt.js';
import { endAttempt, type Lost } from './end-attempt.js';
import { lockJob } from './job-rows.js';
import { requestJobStop } from './stop-job.js';

const TICK_MS = 1_000;
/** After a longer gap between ticks, the server or Postgres was away, not the agents. */
const GAP_MS = 5_000;
/** What an agent gets on top of a job's timeout to stop it by itself and say so. */
const TIMEOUT_GRACE_MS = 5_000;

/**
 * Ends what nobody holds any more: offers that were not accepted, expired leases, silent agents, jobs over their time limit. All times are those of
 * the database. Several servers may each run one: every end is decided under the lock of the row.
 */
export class Reaper {
  private timer: NodeJS.Timeout | undefined;
  private lastTick: number | undefined;
  private running: Promise<void> | undefined;
  private readonly work: OneByOne;

  constructor(private readonly deps: { database: Database; gate: DeployGate; log: Logger; now(): number }) {
    this.work = new OneByOne(deps);
  }

  start(): void {
    this.timer = setInterval(() => {
      this.running ??= this.tick()
        .catch((error) => this.deps.log.warn({ err: error }, 'Lost work could not be looked for; trying again.'))
        .finally(() => (this.running = undefined));
    }, TICK_MS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  /** The first tick and each one after a gap gives every lease its full length again before any is judged. */
  async tick(): Promise<void> {
    const afterGap = this.lastTick === undefined || this.deps.now() - this.lastTick > GAP_MS;
    if (afterGap) await this.grantAll();
    else await this.reap();
    this.lastTick = this.deps.now();
  }

  private async grantAll(): Promise<void> {
    const { database } = this.deps;
    await database.query(`update attempts set lease_until = clock_timestamp() + interval '${LEASE_MS} ms' where state <> 'ended'`);
    await database.query('update agents set last_seen_at = clock_timestamp() where connected');
  }

  private async reap(): Promise<void> {
    await this.work.run(
      'overdue_attempt',
      await this.overdue(),
      ({ id }) => ({ key: id, about: `Lost attempt ${id}` }),
      ({ id, job_id, state }) => this.end(id, job_id, state),
    );
    await this.forgetSilentAgents();
    await this.stopOvertime();
  }

  private overdue() {
    return this.deps.database.query<{ id: string; job_id: string; state: 'offered' | 'running' }>(
      `select id, job_id, state from attempts where state <> 'ended' and lease_until < clock_timestamp()`,
    );
  }

  private async end(attemptId: string, jobId: string, state: 'offered' | 'running'): Promise<void> {
    await this.deps.database.transaction(async (tx) => {
      const job = await lockJob(tx, jobId);
      const [still] = await tx.query(`select 1 from attempts where id = $1 and state = $2 and lease_until < clock_timestamp() for update`, [
        attemptId,
        state,
      ]);
      if (!job || !still) return;
      await endAttempt(tx, this.deps.gate, job, attemptId, lostAs(state), null);
    });
  }

  private async forgetSilentAgents(): Promise<void> {
    await this.deps.database.transaction(async (tx) => {
      const gone = await tx.query<{ id: string }>(
        `update agents set connected = false where connected and last_seen_at < clock_timestamp() - interval '${LEASE_MS} ms' returning id`,
      );
      for (const { id } of gone) await agentPresenceChanged(tx, id);
      if (gone.length > 0) tx.changed('queue', 'slots');
    });
  }

  /** The agent keeps the time itself; this is for one that doesn't. */
  private async stopOvertime(): Promise<void> {
    const over = await this.deps.database.query<{ id: string }>(
      `select id from jobs where state = 'running' and started_at + make_interval(secs => (timeout_ms + ${TIMEOUT_GRACE_MS}) / 1000.0) < clock_timestamp()`,
    );
    await this.work.run(
      'overdue_job',
      over,
      ({ id }) => ({ key: id, about: `Job ${id}, which is over its time limit` }),
      ({ id }) => this.deps.database.transaction((tx) => this.stopOne(tx, id)),
    );
  }

  private async stopOne(tx: Tx, jobId: string): Promise<void> {
    const job = await lockJob(tx, jobId);
    if (job?.state === 'running') await requestJobStop(tx, this.deps.gate, job, 'timeout', {});
  }
}

function lostAs(state: 'offered' | 'running'): Lost {
  return state === 'offered'
    ? { kind: 'lost', reason: 'not_accepted', message: 'The agent did not take the job in time.' }
    : { kind: 'lost', reason: 'agent_lost', message: 'The server has not heard from the agent for longer than its lease.' };
}
