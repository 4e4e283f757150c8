import { Hello, jobsConsumer, streams, subjects, type Welcome } from '@slipway/protocol';
import type { Database } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';
import { jsonb } from '../../platform/storable.js';
import type { EnvironmentHost } from '../runs/ports.js';
import { agentPresenceChanged } from './agent-presence.js';

export type GreetDeps = {
  database: Database;
  host: EnvironmentHost;
  leaseMs: number;
  ensureConsumer(stream: string, name: string, filterSubject: string): Promise<void>;
  /** Attempts of this agent that an earlier process of it had, or that it says nothing of any more. They are lost now, not a lease later. */
  endForgotten(agentId: string, hello: Hello): Promise<void>;
};

/** Three renewals fit into a lease, so that two may be lost. */
const RENEWALS_PER_LEASE = 3;

/** An agent is there (again): notes what it offers, makes sure of its consumer, and tells it what lives on it. */
export async function greetAgent(deps: GreetDeps, agentId: string, payload: unknown): Promise<Welcome> {
  const hello = Hello.parse(payload);
  await deps.ensureConsumer(streams.jobs, jobsConsumer(agentId), subjects.jobs(agentId));
  await deps.endForgotten(agentId, hello);
  await deps.database.transaction(async (tx) => {
    const [agent] = await tx.query(
      `update agents set version = $2, roles = $3, tags = $4, slots = $5, hostname = $6, platform = $7, sandbox = $8, connected = true,
         last_seen_at = clock_timestamp() where id = $1 and revoked_at is null returning id`,
      [agentId, hello.version, hello.roles, hello.tags, hello.slots, hello.hostname, hello.platform, jsonb(hello.sandbox)],
    );
    if (!agent)
      throw new DomainError(
        'forbidden',
        'agent_unknown',
        'This agent is not enrolled here, or no longer. Delete its data folder and enrol it again.',
      );
    await agentPresenceChanged(tx, agentId);
    tx.changed('queue', 'slots');
  });
  return {
    leaseMs: deps.leaseMs,
    renewEveryMs: Math.floor(deps.leaseMs / RENEWALS_PER_LEASE),
    environments: await deps.host.generations(agentId),
  };
}
