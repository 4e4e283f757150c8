import { createHash, randomBytes } from 'node:crypto';
import { subjects } from '@slipway/protocol';
import type { Database, Tx } from '../../platform/database.js';
import { newId } from '../../platform/ids.js';
import { jsonb } from '../../platform/storable.js';
import { canServe, type Match, matchJobs } from './match-jobs.js';
import { agentsAtWork, laneKeys, lanesOf, slotsInUse } from './queue-rows.js';

/** An offer that is not accepted by then goes elsewhere. */
export const OFFER_MS = 3_000;
/** Serialises assignment across servers; any number, the same everywhere. */
const ASSIGN_LOCK = 7_301;

/**
 * Assigns queued jobs to free slots: attempts with a lease, jobs `assigned`, offers in the outbox, all in one transaction. One server assigns at a
 * time; another that finds the lock taken has nothing to do, because the holder looks again afterwards.
 *
 * @returns how many jobs were assigned
 */
export function assignJobs(database: Database): Promise<number> {
  return database.transaction(async (tx) => {
    await lockAssignment(tx);
    const agents = await agentsAtWork(tx);
    const free = agents.filter((agent) => agent.free > 0);
    if (free.length === 0) return 0;
    // What nobody free can serve is left where it is, however much of it there is; of the rest no lane can get more than all free slots.
    const keys = (await laneKeys(tx)).filter((lane) => free.some((agent) => canServe(agent, lane)));
    if (keys.length === 0) return 0;
    const lanes = await lanesOf(
      tx,
      keys,
      free.reduce((sum, agent) => sum + agent.free, 0),
    );
    const matches = matchJobs(lanes, agents, await slotsInUse(tx));
    if (matches.length > 0) await assign(tx, matches);
    return matches.length;
  });
}

/** Until the transaction ends nothing is assigned by another; all that was assigned before is there to be seen. */
export async function lockAssignment(tx: Tx): Promise<void> {
  await tx.query('select pg_advisory_xact_lock($1)', [ASSIGN_LOCK]);
}

type NewAttempt = Match & { attemptId: string; key: string; tokenHash: string; subject: string };

/** A job cancelled since it was read is left alone: only rows still queued move. */
async function assign(tx: Tx, matches: Match[]): Promise<void> {
  const attempts: NewAttempt[] = matches.map((match) => ({
    ...match,
    attemptId: newId(),
    key: randomBytes(32).toString('hex'),
    // Worthless until `accept` replaces it with the hash of a token that the agent gets.
    tokenHash: createHash('sha256').update(randomBytes(32)).digest('hex'),
    subject: subjects.jobs(match.agentId),
  }));
  const assigned = await tx.query<{ job_id: string; run_id: string }>(
    `with given as (select * from jsonb_to_recordset($1::jsonb) as g("attemptId" uuid, "jobId" uuid, "agentId" uuid, key text, "tokenHash" text, subject text)),
     moved as (
       update jobs j set state = 'assigned', reason = null, message = null from given g where j.id = g."jobId" and j.state = 'queued' returning j.id, j.run_id),
     made as (
       insert into attempts (id, job_id, agent_id, process_id, state, key, token_hash, lease_until)
       select g."attemptId", g."jobId", a.id, a.process_id, 'offered', decode(g.key, 'hex'), decode(g."tokenHash", 'hex'), clock_timestamp() + interval '${OFFER_MS} ms'
       from given g join moved m on m.id = g."jobId" join agents a on a.id = g."agentId" returning id),
     told as (
       insert into outbox (kind, subject, payload, message_id)
       select 'jetstream', g.subject, jsonb_build_object('attempt', g."attemptId"), g."attemptId"::text from given g join made on made.id = g."attemptId"),
     noted as (
       insert into history (thing, thing_id, event, from_state, to_state, by_agent)
       select 'job', g."jobId", 'assign', 'queued', 'assigned', g."agentId" from given g join moved m on m.id = g."jobId")
     select id as job_id, run_id from moved`,
    [jsonb(attempts)],
  );
  for (const { job_id, run_id } of assigned) {
    tx.changed('job', job_id);
    tx.changed('run', run_id);
  }
}
