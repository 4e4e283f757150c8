import type { Hello } from '@slipway/protocol';
import type { Database, Tx } from '../../platform/database.js';
import type { DeployGate } from '../runs/ports.js';
import { lockAssignment } from './assign-jobs.js';
import { endAttempt, type Lost } from './end-attempt.js';
import { type JobRow, lockJob } from './job-rows.js';

/** An accept that is being answered right now is not in the agent's list yet. */
const IN_FLIGHT_MS = 3_000;

type Forgotten = { id: string; job_id: string };

/**
 * Ends the attempts that an agent will never finish: everything that an earlier process of it was offered or held, and what this process says it no
 * longer holds. May be repeated.
 */
export async function endForgottenAttempts(
  deps: { database: Database; gate: DeployGate },
  agentId: string,
  { process = null, holding }: { process?: Hello['process'] | null; holding: string[] },
): Promise<void> {
  await deps.database.transaction((tx) => noteProcess(tx, agentId, process));
  const forgotten = await deps.database.query<Forgotten>(
    `select id, job_id from attempts where agent_id = $1 and state <> 'ended' and (process_id <> $2
       or (state = 'running' and not (id = any($3::uuid[])) and accepted_at < clock_timestamp() - interval '${IN_FLIGHT_MS} ms'))`,
    [agentId, process, holding],
  );
  for (const { id, job_id } of forgotten) {
    await deps.database.transaction(async (tx) => {
      const job = await lockJob(tx, job_id);
      if (job) await endAttempt(tx, deps.gate, job, id, lostAs(job), null);
    });
  }
}

/** From here on offers are for this process. All that were made before can be seen, as nothing is being assigned meanwhile. */
async function noteProcess(tx: Tx, agentId: string, process: string | null): Promise<void> {
  const [same] = await tx.query('select 1 from agents where id = $1 and process_id is not distinct from $2', [agentId, process]);
  if (same) return;
  await lockAssignment(tx);
  await tx.query('update agents set process_id = $2 where id = $1', [agentId, process]);
}

/** What was only offered costs the job nothing. */
function lostAs({ state }: JobRow): Lost {
  return state === 'assigned'
    ? { kind: 'lost', reason: 'not_accepted', message: 'The agent was restarted before it took the job.' }
    : { kind: 'lost', reason: 'agent_lost', message: 'The agent was restarted while it held the job.' };
}
