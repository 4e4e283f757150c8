import { isDeepStrictEqual } from 'node:util';
import { type Account, decode, encodeAccount, encodeUser } from '@nats-io/jwt';
import { createUser } from '@nats-io/nkeys';
import { connect, jwtAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { type AccountClaims, agentAccount, agentPermissions, serverAccount, shutAccount } from './account-claims.js';
import { keyOf, type NatsIdentity } from './identity.js';

const SYSTEM_TIMEOUT_MS = 2_000;
/** nats-server 2.9 says nothing of an account that it does not know. */
const LOOKUP_TIMEOUT_MS = 300;
const RECONNECT_WAIT_MS = 250;

/** An agent's own account in NATS, by its public key. */
export type AgentAccount = { agentId: string; account: string };

/**
 * Says who gets into NATS and what passes between accounts; NATS goes by it at once and keeps it. All of it may be said again at any
 * time. One connection as the system's user, made when it is first needed.
 *
 * Every method throws when NATS can't be reached or refuses.
 */
export class NatsAccounts {
  private system: Promise<NatsConnection> | null = null;
  private readonly server: { name: string; sub: string; nats: Partial<Account> };

  constructor(
    private readonly identity: NatsIdentity,
    private readonly natsUrl: string,
  ) {
    this.server = decode<Account>(identity.accountJwt);
  }

  /**
   * Opens the server's account to agents' accounts.
   *
   * @param keptOut keys that got credentials for the server's account itself, when agents had none of their own
   */
  async openToAgents(keptOut: readonly string[]): Promise<void> {
    const { name, sub, nats } = this.server;
    await this.ensure(name, sub, serverAccount(nats.limits ?? {}, keptOut));
  }

  /** @returns a token with which this key gets into the agent's account, and no other key does */
  async admit({ agentId, account }: AgentAccount, publicKey: string): Promise<string> {
    await this.ensure(`agent-${agentId}`, account, agentAccount(agentId, this.server.sub));
    const signer = keyOf(this.identity.accountSeed);
    return encodeUser(`agent-${agentId}`, publicKey, account, agentPermissions(agentId), { signer });
  }

  /** Cuts these agents in well under a second and lets them in no more; nobody else notices. */
  async shutOut(agents: readonly AgentAccount[]): Promise<void> {
    await Promise.all(agents.map(({ agentId, account }) => this.ensure(`agent-${agentId}`, account, shutAccount)));
  }

  async close(): Promise<void> {
    const connection = await this.system?.catch(() => null);
    await connection?.close();
  }

  /** Only what changes is said: a new JWT makes NATS forget who waits for an answer, and agents' pulls are such. */
  private async ensure(name: string, account: string, claims: AccountClaims): Promise<void> {
    if (isDeepStrictEqual(await this.present(account), claims)) return;
    const token = await encodeAccount(name, account, { ...claims }, { signer: keyOf(this.identity.operatorSeed) });
    const { error } = await this.tell(token);
    if (error) throw new Error(`NATS refused the account "${name}": ${error.description}`);
  }

  private async tell(token: string): Promise<{ error?: { description: string } }> {
    const connection = await this.connection();
    try {
      return (await connection.request('$SYS.REQ.CLAIMS.UPDATE', token, { timeout: SYSTEM_TIMEOUT_MS })).json();
    } catch (error) {
      throw new Error(
        'nats-server did not accept an account. It may be gone, or it has no resolver of type "full"; "npm run nats-identity" configures one.',
        { cause: error },
      );
    }
  }

  /** What NATS goes by; null when it knows none, or does not answer: then it is told, which fails if it must. */
  private async present(account: string): Promise<unknown> {
    const connection = await this.connection();
    const answer = await connection
      .request(`$SYS.REQ.ACCOUNT.${account}.CLAIMS.LOOKUP`, undefined, { timeout: LOOKUP_TIMEOUT_MS })
      .catch(() => null);
    return answer?.string() ? claimsIn(answer.string()) : null;
  }

  private connection(): Promise<NatsConnection> {
    this.system ??= this.connect();
    return this.system;
  }

  private async connect(): Promise<NatsConnection> {
    const forget = () => {
      this.system = null;
    };
    try {
      const user = createUser();
      const jwt = await encodeUser('accounts', user, keyOf(this.identity.systemSeed));
      const connection = await connect({
        servers: this.natsUrl.split(','),
        authenticator: jwtAuthenticator(jwt, user.getSeed()),
        name: 'slipway accounts',
        timeout: SYSTEM_TIMEOUT_MS,
        maxReconnectAttempts: -1,
        reconnectTimeWait: RECONNECT_WAIT_MS,
      });
      void connection.closed().then(forget);
      return connection;
    } catch (error) {
      forget();
      throw error;
    }
  }
}

/** NATS has checked the signature. */
function claimsIn(jwt: string): unknown {
  const [, payload = ''] = jwt.split('.');
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { nats: unknown }).nats;
}
