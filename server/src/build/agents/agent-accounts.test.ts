import { encodeUser } from '@nats-io/jwt';
import { createUser, type KeyPair } from '@nats-io/nkeys';
import { jwtAuthenticator } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { keyOf } from '../../platform/nats/identity.js';
import { type TestDatabase, testDatabase } from '../../testing/database.js';
import { silent } from '../../testing/graphql.js';
import { type TestNats, testNats } from '../../testing/nats.js';
import { NatsAgents } from '../../testing/nats-agents.js';
import { admitAgent, keepAgentsApart, keepAgentsApartForGood } from './agent-accounts.js';
import { createEnrolmentToken, enrolAgent } from './enrol-agent.js';

let database: TestDatabase;
let nats: TestNats;
let agents: NatsAgents;

beforeAll(async () => {
  [database, nats] = await Promise.all([testDatabase(), testNats()]);
  agents = await NatsAgents.open(nats);
});
afterAll(async () => {
  await agents.close();
  await Promise.all([database.close(), nats.close()]);
});

/** Takes whatever it is told. */
const silentNats = { openToAgents: async () => {}, admit: async () => 'token', shutOut: async () => {} };
const deps = () => ({ database, accounts: agents.accounts, log: silent });

async function anAgent(): Promise<{ id: string; user: KeyPair }> {
  const user = createUser();
  const token = await createEnrolmentToken(database, 'test', null);
  return { id: await enrolAgent(database, { token, name: 'agent', publicKey: user.getPublicKey() }), user };
}

const admit = ({ id, user }: { id: string; user: KeyPair }) => admitAgent(deps(), id, user.getPublicKey());
const enter = (jwt: string, user: KeyPair) => nats.connect({ authenticator: jwtAuthenticator(jwt, user.getSeed()), reconnect: false });
const revoke = (id: string) => database.query('update agents set revoked_at = now() where id = $1', [id]);
const accountOf = async (id: string) => {
  const [row] = await database.query<{ account: string; shared: boolean }>(
    'select nats_account as account, shared_account as shared from agents where id = $1',
    [id],
  );
  return row;
};

describe('an agent that is admitted', () => {
  it('gets an account of its own, the same one each time', async () => {
    const [one, other] = [await anAgent(), await anAgent()];
    await enter(await admit(one), one.user);
    const first = await accountOf(one.id);
    await enter(await admit(one), one.user);
    await admit(other);
    expect(first).toMatchObject({ shared: false, account: expect.stringMatching(/^A[A-Z2-7]{55}$/) });
    expect(await accountOf(one.id)).toEqual(first);
    expect((await accountOf(other.id))?.account).not.toBe(first?.account);
  });

  it('is out for good once it is revoked, also when that happens while it is being let in', async () => {
    const agent = await anAgent();
    const token = await admit(agent);
    const connection = await enter(token, agent.user);
    await revoke(agent.id);
    await expect(admit(agent)).rejects.toMatchObject({ code: 'agent_revoked' });
    await connection.closed();
    await expect(enter(token, agent.user)).rejects.toThrow(/authorization/i);
  });

  it('is told to try again when NATS does not answer', async () => {
    const agent = await anAgent();
    const accounts = { ...silentNats, admit: () => Promise.reject(new Error('timeout')) };
    await expect(admitAgent({ ...deps(), accounts }, agent.id, agent.user.getPublicKey())).rejects.toMatchObject({
      code: 'nats_unavailable',
      kind: 'unavailable',
    });
  });
});

describe('keeping agents apart', () => {
  it("shuts revoked agents out, and keys of the time before out of the server's account; nobody else notices", async () => {
    const [stays, goes, former] = [await anAgent(), await anAgent(), createUser()];
    const publicKey = former.getPublicKey();
    await database.query(`insert into agents (id, name, public_key) values (gen_random_uuid(), 'former', $1)`, [publicKey]);
    const inServersAccount = await enter(await encodeUser('agent', publicKey, keyOf(nats.identity.accountSeed)), former);
    const [staying, going] = [await enter(await admit(stays), stays.user), await enter(await admit(goes), goes.user)];
    await revoke(goes.id);
    await keepAgentsApart(database, agents.accounts);
    await Promise.all([going.closed(), inServersAccount.closed()]);
    await staying.flush();
    expect(staying.isClosed()).toBe(false);
  });

  it('is said after a reconnect until NATS has taken it', async () => {
    let reconnected = () => {};
    const onReconnect = (listener: () => void) => {
      reconnected = listener;
      return () => {};
    };
    let [tries, taken] = [0, 0];
    const openToAgents = async () => {
      if (++tries === 1) throw new Error('timeout');
      taken++;
    };
    const stop = keepAgentsApartForGood({ ...deps(), accounts: { ...silentNats, openToAgents } }, { onReconnect });
    expect(tries).toBe(0);
    reconnected();
    await vi.waitFor(() => expect(taken).toBe(1), { timeout: 5_000 });
    expect(tries).toBe(2);
    stop();
  });
});
