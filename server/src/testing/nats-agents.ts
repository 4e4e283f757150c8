import { createAccount, createUser, type KeyPair } from '@nats-io/nkeys';
import { type Authenticator, createInbox, jwtAuthenticator, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { inboxPrefix, jobsConsumer, streams, subjects } from '@slipway/protocol';
import { type AgentAccount, NatsAccounts } from '../platform/nats/accounts.js';
import type { TestNats } from './nats.js';

const PATIENCE_MS = 2_500;

export type NatsAgent = {
  readonly connection: NatsConnection;
  readonly credentials: Authenticator;
  readonly account: AgentAccount;
  readonly user: KeyPair;
  /** What NATS refused it, in NATS' words. */
  readonly denied: string[];
};

/** Lets agents into a test's NATS as the server does, each into an account of its own. */
export class NatsAgents {
  readonly accounts: NatsAccounts;

  private constructor(private readonly nats: TestNats) {
    this.accounts = new NatsAccounts(nats.identity, nats.url);
  }

  static async open(nats: TestNats): Promise<NatsAgents> {
    const agents = new NatsAgents(nats);
    await agents.accounts.openToAgents([]);
    return agents;
  }

  /** A new one, with a key and an account of its own. */
  async enter(agentId: string): Promise<NatsAgent> {
    return this.enterAgain({ account: { agentId, account: createAccount().getPublicKey() }, user: createUser() });
  }

  async enterAgain({ account, user }: Pick<NatsAgent, 'account' | 'user'>): Promise<NatsAgent> {
    return this.enterWith(account, user, await this.accounts.admit(account, user.getPublicKey()));
  }

  async enterWith(account: AgentAccount, user: KeyPair, jwt: string): Promise<NatsAgent> {
    const credentials = jwtAuthenticator(jwt, user.getSeed());
    const options = { authenticator: credentials, inboxPrefix: inboxPrefix(account.agentId), reconnect: false };
    const connection = await this.nats.connect(options);
    const denied: string[] = [];
    void (async () => {
      for await (const status of connection.status()) if (status.type === 'error') denied.push(status.error.message);
    })();
    return { connection, credentials, account, user, denied };
  }

  close(): Promise<void> {
    return this.accounts.close();
  }
}

export const pullSubject = ({ account }: NatsAgent) => `$JS.API.CONSUMER.MSG.NEXT.${streams.jobs}.${jobsConsumer(account.agentId)}`;

/** A pull as agents make it: is out once this resolves, and waits at NATS until an offer comes. */
export async function pull(agent: NatsAgent): Promise<{ offer: Promise<Msg> }> {
  const { connection, account } = agent;
  const inbox = createInbox(inboxPrefix(account.agentId));
  const offer = new Promise<Msg>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('No offer came.')), PATIENCE_MS);
    connection.subscribe(inbox, {
      max: 1,
      callback: (_error, message) => {
        clearTimeout(timer);
        resolve(message);
      },
    });
  });
  connection.publish(pullSubject(agent), JSON.stringify({ batch: 1, expires: PATIENCE_MS * 1e6 }), { reply: inbox });
  await connection.flush();
  return { offer };
}

/** What another agent hears that nobody meant it to hear. */
export function eavesdrop({ connection, account }: NatsAgent): string[] {
  const heard: string[] = [];
  for (const subject of [`${inboxPrefix(account.agentId)}.>`, subjects.control(account.agentId)])
    connection.subscribe(subject, { callback: (_error, message) => void heard.push(message.subject) });
  return heard;
}
