import { Desired, type Hello, type Work } from '@slipway/protocol';
import { answerAgentRequests, mustFit } from '../build/agents/agent-requests.js';
import { greetAgent } from '../build/agents/greet-agent.js';
import { acceptAttempt, LEASE_MS } from '../build/jobs/accept-attempt.js';
import { AttemptRequests } from '../build/jobs/attempt-requests.js';
import { endForgottenAttempts } from '../build/jobs/end-forgotten-attempts.js';
import { renewAttempts } from '../build/jobs/renew-attempts.js';
import { type ReportDeps, reportAttempt } from '../build/jobs/report-attempt.js';
import type { Database } from '../platform/database.js';
import type { Logger } from '../platform/log.js';
import type { Nats } from '../platform/nats/nats.js';
import { trustClassOf } from '../source/branches/rules/trust-class.js';
import type { Features } from './features.js';

/** Which use case answers which of an agent's verbs. */
export function answerAgents(deps: { database: Database; nats: Nats; features: Features; log: Logger }): () => void {
  const { database, nats, features, log } = deps;
  const { gate, host, logs, secrets } = features;
  const jobs = { database, gate };
  const accept = {
    ...jobs,
    secretsFor: secrets.secretsFor.bind(secrets),
    trustClassOf,
    openLog: logs.openLog.bind(logs),
    mustFit: (work: Work) => mustFit(nats.connection, 'accept', JSON.stringify(work)),
  };
  const greet = {
    database,
    host,
    leaseMs: LEASE_MS,
    ensureConsumer: nats.ensureJobsConsumer.bind(nats),
    endForgotten: (agentId: string, hello: Hello) => endForgottenAttempts(jobs, agentId, hello),
  };
  const report: ReportDeps = { ...jobs, audit: (event) => log.warn({ ...event, 'event.category': 'audit' }, 'Refused a report.') };
  const requests = new AttemptRequests({ ...jobs, log });
  return answerAgentRequests(
    nats.connection,
    {
      hello: (agentId, payload) => greetAgent(greet, agentId, payload),
      accept: (agentId, payload) => requests.take('accept', agentId, payload, () => acceptAttempt(accept, agentId, payload)),
      renew: (agentId, payload) => renewAttempts({ database, host, resendFrom: (id) => logs.resendFrom(id) }, agentId, payload),
      report: (agentId, payload) => requests.take('report', agentId, payload, () => reportAttempt(report, agentId, payload)),
      desired: (agentId, payload) => host.desired(agentId, Desired.parse(payload).environmentId),
      observed: (agentId, payload) => host.observed(agentId, payload),
    },
    log,
  );
}
