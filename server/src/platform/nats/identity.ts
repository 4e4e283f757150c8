import { readFile } from 'node:fs/promises';
import { type Account, decode, encodeAccount, encodeUser } from '@nats-io/jwt';
import { createUser, fromSeed } from '@nats-io/nkeys';
import { type Authenticator, connect, jwtAuthenticator } from '@nats-io/transport-node';
import { inboxPrefix, jobsConsumer, REQUEST_VERBS, streams, subjects } from '@slipway/protocol';
import { z } from 'zod';

const SYSTEM_TIMEOUT_MS = 2_000;
const encoder = new TextEncoder();

/** Keys of a NATS installation in operator mode; the content of `SLIPWAY_NATS_FILE`, which nobody but the server may read. */
export const NatsIdentity = z.object({
  operatorSeed: z.string().startsWith('SO'),
  systemSeed: z.string().startsWith('SA'),
  accountSeed: z.string().startsWith('SA'),
  operatorJwt: z.string(),
  systemJwt: z.string(),
  /** As it was first made; what nats-server goes by may be newer, with revocations. */
  accountJwt: z.string(),
  /** The server's own user in the account, with every right in it. */
  serverSeed: z.string().startsWith('SU'),
  serverJwt: z.string(),
});
export type NatsIdentity = z.infer<typeof NatsIdentity>;

/** @throws Error that names the file and what is wrong with it; never its content */
export async function readNatsIdentity(file: string): Promise<NatsIdentity> {
  const text = await readFile(file, 'utf8');
  try {
    return NatsIdentity.parse(JSON.parse(text));
  } catch {
    throw new Error(
      `${file} does not hold the keys of a NATS account. Without its signing key no agent can be let in. Put the file back from a backup, or make new keys with "npm run nats-identity" and enrol every agent anew.`,
    );
  }
}

const keyOf = (seed: string) => fromSeed(encoder.encode(seed));

export const serverAuthenticator = (identity: NatsIdentity): Authenticator =>
  jwtAuthenticator(identity.serverJwt, encoder.encode(identity.serverSeed));

/**
 * A token for an agent's public key that allows it its own subjects and nothing else: no other agent's, no JetStream
 * administration, and reading only from its own inbox, control subject and consumer.
 */
export async function issueAgentJwt(identity: NatsIdentity, agentId: string, publicKey: string): Promise<string> {
  const consumer = jobsConsumer(agentId);
  return encodeUser(`agent-${agentId}`, publicKey, keyOf(identity.accountSeed), {
    pub: {
      allow: [
        ...REQUEST_VERBS.map((verb) => subjects.request(agentId, verb)),
        subjects.logs(agentId, '*'),
        `$JS.API.CONSUMER.MSG.NEXT.${streams.jobs}.${consumer}`,
        `$JS.ACK.${streams.jobs}.${consumer}.>`,
      ],
      deny: [],
    },
    sub: { allow: [`${inboxPrefix(agentId)}.>`, subjects.control(agentId)], deny: [] },
  });
}

/** Seconds since the epoch, by public key: tokens of that key made until then are worth nothing. */
export type Revocations = Record<string, number>;

/**
 * Makes nats-server refuse these agents from now on, and cuts those that are connected, in well under a second. The list is
 * the whole list: Postgres has it, and NATS is given it again at each start and reconnect, whatever it has forgotten.
 */
export async function enforceRevocations(identity: NatsIdentity, natsUrl: string, revocations: Revocations): Promise<void> {
  const account = decode<Account>(identity.accountJwt);
  const token = await encodeAccount(account.name, account.sub, { ...account.nats, revocations }, { signer: keyOf(identity.operatorSeed) });
  await asSystem(identity, natsUrl, async (request) => {
    const answer = await request('$SYS.REQ.CLAIMS.UPDATE', token);
    if (answer.error) throw new Error(`NATS refused the list of revoked agents: ${answer.error.description}`);
  });
}

type SystemAnswer = { error?: { description: string } };

/** Through a user of the system account, made for this once. */
async function asSystem(
  identity: NatsIdentity,
  natsUrl: string,
  work: (request: (subject: string, payload: string) => Promise<SystemAnswer>) => Promise<void>,
): Promise<void> {
  const user = createUser();
  const jwt = await encodeUser('revocations', user, keyOf(identity.systemSeed));
  const connection = await connect({
    servers: natsUrl.split(','),
    authenticator: jwtAuthenticator(jwt, user.getSeed()),
    name: 'slipway revocations',
    timeout: SYSTEM_TIMEOUT_MS,
  });
  try {
    await work(async (subject, payload) =>
      (await connection.request(subject, payload, { timeout: SYSTEM_TIMEOUT_MS })).json<SystemAnswer>(),
    );
  } finally {
    await connection.close();
  }
}
