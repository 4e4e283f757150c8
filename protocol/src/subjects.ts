/**
 * NATS subjects. `<agent>` and `<attempt>` are UUIDs, so a subject never holds a wildcard or a dot of its own.
 * An agent's identity is the `<agent>` token of the subject it publishes on: its credentials allow no other.
 */
export const subjects = {
  /** JOBS stream, work queue: {@link JobOffer}. Only that agent pulls it. */
  jobs: (agentId: string) => `jobs.${agentId}`,
  /** Request / reply, agent → server. */
  request: (agentId: string, verb: RequestVerb) => `requests.${agentId}.${verb}`,
  /** All of one agent's requests. */
  requestsOf: (agentId: string) => `requests.${agentId}.*`,
  /** What one server subscribes to (in a queue group) to answer every agent's requests. */
  requestsOfAllAgents: 'requests.*.*',
  /** LOGS stream: one {@link LogChunk} a message. */
  logs: (agentId: string, attemptId: string) => `logs.${agentId}.${attemptId}`,
  /** Core NATS, server → agent: {@link ControlMessage}. Losing one is harmless; the renew reply repeats it. */
  control: (agentId: string) => `control.${agentId}`,
  /** Core NATS, server → servers: "this thing changed, read it again". */
  changed: (thing: string, id: string) => `changed.${thing}.${id}`,
  changedAll: 'changed.>',
} as const;

export const streams = { jobs: 'JOBS', logs: 'LOGS' } as const;

/** Name of the durable consumer in the JOBS stream from which one agent pulls. */
export const jobsConsumer = (agentId: string) => `agent-${agentId}`;

export const REQUEST_VERBS = ['hello', 'accept', 'renew', 'report', 'desired', 'observed'] as const;
export type RequestVerb = (typeof REQUEST_VERBS)[number];

/** An agent receives replies only under this prefix. A reply to any other subject stays in the agent's own NATS account, where nobody listens. */
export const inboxPrefix = (agentId: string) => `_INBOX_${agentId}`;
