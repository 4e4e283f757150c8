import { setTimeout as delay } from 'node:timers/promises';
import { createAccount } from '@nats-io/nkeys';
import type { Database } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';
import type { Logger } from '../../platform/log.js';
import type { AgentAccount, NatsAccounts } from '../../platform/nats/accounts.js';
import type { Nats } from '../../platform/nats/nats.js';
import { agentRevoked } from './enrol-agent.js';

const RETRY_MS = 1_000;

type Accounts = Pick<NatsAccounts, 'openToAgents' | 'admit' | 'shutOut'>;
export type AgentAccountsDeps = { database: Database; accounts: Accounts; log: Logger };

/**
 * Lets an enrolled agent into NATS, into an account of its own. Repeating it is harmless.
 *
 * @returns its token for NATS
 */
export async function admitAgent({ database, accounts, log }: AgentAccountsDeps, agentId: string, publicKey: string): Promise<string> {
  const agent = { agentId, account: await accountOf(database, agentId) };
  const token = await accounts.admit(agent, publicKey).catch((error) => {
    log.error({ err: error, agentId }, 'NATS did not accept the account of an agent.');
    throw natsAway();
  });
  // Revoked in the meantime: NATS was told of that before this, so it is told again.
  if (!(await isRevoked(database, agentId))) return token;
  await accounts.shutOut([agent]);
  throw agentRevoked();
}

/** Nobody keeps the private half: tokens of the account are signed by the server. */
async function accountOf(database: Database, agentId: string): Promise<string> {
  const [agent] = await database.query<{ account: string }>(
    'update agents set nats_account = coalesce(nats_account, $2) where id = $1 returning nats_account as account',
    [agentId, createAccount().getPublicKey()],
  );
  if (!agent) throw new Error(`There is no agent ${agentId}.`);
  return agent.account;
}

async function isRevoked(database: Database, agentId: string): Promise<boolean> {
  return (await database.query('select 1 from agents where id = $1 and revoked_at is not null', [agentId])).length > 0;
}

/** Keeps agents out of the server's account, and revoked ones out of NATS. To be said whenever NATS may have forgotten it. */
export async function keepAgentsApart(database: Database, accounts: Accounts): Promise<void> {
  const former = await database.query<{ key: string }>('select public_key as key from agents where shared_account');
  await accounts.openToAgents(former.map(({ key }) => key));
  const revoked = await database.query<AgentAccount>(
    'select id as "agentId", nats_account as account from agents where revoked_at is not null and nats_account is not null',
  );
  await accounts.shutOut(revoked);
}

/** After each reconnect, until NATS has taken it: it may have come back without its store, or with an old one. */
export function keepAgentsApartForGood({ database, accounts, log }: AgentAccountsDeps, nats: Pick<Nats, 'onReconnect'>): () => void {
  const stop = new AbortController();
  const say = async () => {
    while (!stop.signal.aborted) {
      try {
        return await keepAgentsApart(database, accounts);
      } catch (error) {
        log.error({ err: error }, 'NATS could not be told which agents it may let in; trying again.');
        await delay(RETRY_MS, null, { signal: stop.signal }).catch(() => undefined);
      }
    }
  };
  const forget = nats.onReconnect(() => void say());
  return () => {
    stop.abort();
    forget();
  };
}

const natsAway = () =>
  new DomainError(
    'unavailable',
    'nats_unavailable',
    "NATS does not accept this agent's account right now, so the agent can't connect; the server's log says why. The agent tries again by itself.",
  );
