import type { Account, Export, Import, OperatorLimits, Permissions } from '@nats-io/jwt';
import { inboxPrefix, jobsConsumer, REQUEST_VERBS, streams, subjects } from '@slipway/protocol';

/**
 * What an account is, as NATS keeps it. JetStream is in the server's account alone, and each agent has one of its own: between the two
 * passes what is exported here and imported there, and between agents nothing. NATS checks what a client publishes but not the reply
 * subject it names; the answer is delivered in the account it came from, where a hostile one reaches nobody else.
 */
export type AccountClaims = Partial<Account> & { type: 'account'; version: 2 };

const KIND = { type: 'account', version: 2 } as const;
/** Every field, for what is left out counts as 0: no streams, no leaf nodes, nothing to offer to others. */
const AGENT_LIMITS: OperatorLimits = { subs: -1, data: -1, payload: -1, imports: -1, exports: 0, wildcards: true, conn: -1, leaf: 0 };
const EVERYBODY = '*';
/** End of the year 9999, in seconds: tokens made until then are worth nothing. */
const FOR_GOOD = 253_402_300_799;

const pullFrom = (consumer: string) => `$JS.API.CONSUMER.MSG.NEXT.${streams.jobs}.${consumer}`;
const acknowledge = (consumer: string) => `$JS.ACK.${streams.jobs}.${consumer}.>`;

const EXPORTS: Export[] = [
  { name: 'requests', subject: subjects.requestsOfAllAgents, type: 'service' },
  // Heartbeats and all the offers of a batch answer one pull.
  { name: 'pulls', subject: pullFrom('*'), type: 'service', response_type: 'Stream' },
  { name: 'acknowledgements', subject: acknowledge('*'), type: 'service' },
  { name: 'logs', subject: subjects.logs('*', '*'), type: 'service' },
  { name: 'control', subject: subjects.control('*'), type: 'stream' },
];

const importsOf = (agentId: string, serverAccount: string): Import[] => {
  const consumer = jobsConsumer(agentId);
  const of = (name: string, type: 'service' | 'stream', subject: string): Import => ({ name, type, subject, account: serverAccount });
  return [
    of('requests', 'service', subjects.requestsOf(agentId)),
    of('pulls', 'service', pullFrom(consumer)),
    of('acknowledgements', 'service', acknowledge(consumer)),
    of('logs', 'service', subjects.logs(agentId, '*')),
    of('control', 'stream', subjects.control(agentId)),
  ];
};

/** @param keptOut public keys of users that once got credentials for this account */
export const serverAccount = (limits: OperatorLimits, keptOut: readonly string[]): AccountClaims => ({
  ...KIND,
  limits,
  exports: EXPORTS,
  revocations: Object.fromEntries(keptOut.map((key) => [key, FOR_GOOD])),
});

/** Nobody has the key of an agent's account: its tokens are signed with the server account's. */
export const agentAccount = (agentId: string, serverAccount: string): AccountClaims => ({
  ...KIND,
  limits: AGENT_LIMITS,
  imports: importsOf(agentId, serverAccount),
  signing_keys: [serverAccount],
});

/** Of an agent that was revoked: nobody gets in, and there is nothing in it. */
export const shutAccount: AccountClaims = { ...KIND, limits: AGENT_LIMITS, revocations: { [EVERYBODY]: FOR_GOOD } };

/** What an agent may do in its own account: the same again as a second line, and reading nothing but what is meant for it. */
export function agentPermissions(agentId: string): Permissions {
  const consumer = jobsConsumer(agentId);
  return {
    pub: {
      allow: [
        ...REQUEST_VERBS.map((verb) => subjects.request(agentId, verb)),
        subjects.logs(agentId, '*'),
        pullFrom(consumer),
        acknowledge(consumer),
      ],
      deny: [],
    },
    sub: { allow: [`${inboxPrefix(agentId)}.>`, subjects.control(agentId)], deny: [] },
  };
}
