import type { Database } from '../../platform/database.js';
import type { DeployGate } from '../runs/ports.js';
import { endAttempt } from './end-attempt.js';
import { lockJob } from './job-rows.js';

/** An accept that is being answered right now is not in the agent's list yet. */
const IN_FLIGHT_MS = 3_000;

/** Ends what an agent held before it was restarted: it says itself that it holds it no more. */
export async function endForgottenAttempts(
  deps: { database: Database; gate: DeployGate },
  agentId: string,
  holding: string[],
): Promise<void> {
  const forgotten = await deps.database.query<{ id: string; job_id: string }>(
    `select id, job_id from attempts where agent_id = $1 and state = 'running' and not (id = any($2::uuid[]))
       and accepted_at < clock_timestamp() - interval '${IN_FLIGHT_MS} ms'`,
    [agentId, holding],
  );
  for (const { id, job_id } of forgotten) {
    await deps.database.transaction(async (tx) => {
      const job = await lockJob(tx, job_id);
      if (job)
        await endAttempt(
          tx,
          deps.gate,
          job,
          id,
          { kind: 'lost', reason: 'agent_lost', message: 'The agent was restarted while it held the job.' },
          null,
        );
    });
  }
}
