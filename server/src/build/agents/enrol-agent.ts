import { z } from 'zod';
import type { Database, Tx } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import { hashSecret, newSecret } from '../../platform/secrets.js';

export const Enrolment = z.object({
  token: z.string().min(1),
  name: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,62}$/i, 'must be 1 to 63 letters, digits, dots and hyphens'),
  publicKey: z.string().regex(/^U[A-Z2-7]{55}$/, 'must be the public key of a NATS user'),
});
export type Enrolment = z.infer<typeof Enrolment>;

const TOKEN_HOURS = 24;

/** Creates a token with which one agent may enrol, once, within a day. @returns the token; only its hash is stored */
export async function createEnrolmentToken(database: Database, name: string, createdBy: string | null): Promise<string> {
  const token = newSecret();
  await database.query(
    `insert into enrolment_tokens (id, secret_hash, name, created_by, expires_at) values ($1, $2, $3, $4, now() + interval '${TOKEN_HOURS} hours')`,
    [newId(), hashSecret(token), name, createdBy],
  );
  return token;
}

/**
 * Takes an agent in. An agent that enrols again with the same key (it died before it had read the answer, or its token of
 * access is to be renewed) is the same agent. A used token is good for the key that used it and for no other.
 *
 * @returns the agent's id
 */
export function enrolAgent(database: Database, enrolment: Enrolment): Promise<string> {
  return database.transaction(async (tx) => {
    const [token] = await tx.query<{ id: string; used: boolean }>(
      'select id, used_at is not null as used from enrolment_tokens where secret_hash = $1 and (used_at is not null or expires_at > now()) for update',
      [hashSecret(enrolment.token)],
    );
    const known = await agentOfKey(tx, enrolment.publicKey);
    if (!token || (token.used && !known)) throw badToken();
    if (known) return known;
    await tx.query('update enrolment_tokens set used_at = now() where id = $1', [token.id]);
    return insertAgent(tx, enrolment);
  });
}

async function agentOfKey(tx: Tx, publicKey: string): Promise<string | undefined> {
  const [agent] = await tx.query<{ id: string; revoked: boolean }>(
    'select id, revoked_at is not null as revoked from agents where public_key = $1',
    [publicKey],
  );
  if (agent?.revoked) throw agentRevoked();
  return agent?.id;
}

/** A name that is taken gets a number behind it: an agent set up anew on its machine must not fail for its old self. */
async function insertAgent(tx: Tx, { name, publicKey }: Enrolment): Promise<string> {
  const taken = new Set(
    (await tx.query<{ name: string }>(`select name from agents where name = $1 or name like $1 || '-%'`, [name])).map((row) => row.name),
  );
  let free = name;
  for (let n = 2; taken.has(free); n++) free = `${name}-${n}`;
  const id = newId();
  await tx.query('insert into agents (id, name, public_key, shared_account) values ($1, $2, $3, false)', [id, free, publicKey]);
  await tx.query(`insert into history (thing, thing_id, event) values ('agent', $1, 'enrolled')`, [id]);
  tx.changed('agent', id);
  return id;
}

export const agentRevoked = () =>
  new DomainError('forbidden', 'agent_revoked', 'This agent was revoked. Delete its data folder and enrol it as a new one.');

const badToken = () =>
  new DomainError(
    'unauthenticated',
    'bad_enrolment_token',
    'This enrolment token is unknown, used or expired. The server writes a new one at each start into the file that its SLIPWAY_EMBEDDED_AGENT_FILE names. Restart it, and give the agent that file as SLIPWAY_ENROLMENT_FILE.',
  );
