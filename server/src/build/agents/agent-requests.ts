import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { REQUEST_VERBS, type RequestVerb, subjects } from '@slipway/protocol';
import type { Logger } from 'pino';
import { ZodError } from 'zod';
import { DomainError } from '../../platform/errors.js';
import { faultOf } from '../../platform/faults.js';

/** Answers one verb. `agentId` comes from the subject, which the agent's credentials fix; it is never read from the payload. */
export type VerbHandler = (agentId: string, payload: unknown) => Promise<unknown>;
export type VerbHandlers = Record<RequestVerb, VerbHandler>;

/**
 * What nats-server puts in place of the reply subject of a request that comes out of another account (behind a prefix between
 * clusters); it takes no such subject from a client. The answer goes back into that account, to whatever the caller named there.
 */
const REPLY_TO_ACCOUNT = /^(_GR_\.[^.]+\.[^.]+\.)?_R_\./;

/**
 * Answers agents' requests, shared with the other servers by a queue group. Only those that come out of an agent's own account:
 * NATS does not check reply subjects, so that whoever got into the server's account could have the server write anywhere in it.
 */
export function answerAgentRequests(connection: NatsConnection, handlers: VerbHandlers, log: Logger): () => void {
  const subscription = connection.subscribe(subjects.requestsOfAllAgents, {
    queue: 'servers',
    callback: (error, message) => {
      if (error) log.warn({ err: error }, "The subscription for agents' requests failed.");
      else void answer(connection, message, handlers, log);
    },
  });
  return () => subscription.unsubscribe();
}

async function answer(connection: NatsConnection, message: Msg, handlers: VerbHandlers, log: Logger): Promise<void> {
  const [, agentId = '', verb = ''] = message.subject.split('.');
  if (!REPLY_TO_ACCOUNT.test(message.reply ?? '')) {
    log.warn({ agentId, verb, reply: message.reply }, "Refused a request that did not come from an agent's account or wants no answer.");
    return;
  }
  try {
    if (!isVerb(verb))
      throw new DomainError(
        'bad_input',
        'unknown_verb',
        `The server knows no request "${verb}". Update the agent or the server so that both have the same version.`,
      );
    const reply = JSON.stringify(await handlers[verb](agentId, message.json()));
    mustFit(connection, verb, reply);
    message.respond(reply);
  } catch (error) {
    message.respond(JSON.stringify(refusalOf(error, { agentId, verb }, log)));
  }
}

/** @throws DomainError for an answer that NATS does not carry to the agent */
export function mustFit(connection: NatsConnection, verb: RequestVerb, answer: string): void {
  const most = connection.info?.max_payload ?? Number.POSITIVE_INFINITY;
  const bytes = Buffer.byteLength(answer);
  if (bytes <= most) return;
  const what = LARGE[verb] ?? `The answer to "${verb}"`;
  throw new DomainError(
    'too_large',
    'answer_too_large',
    `${what} has ${bytes} bytes, and NATS carries ${most} in one message. Put what is long into files of the repository, or have an administrator of NATS raise its "max_payload".`,
  );
}

/** What people can make too large. */
const LARGE: Partial<Record<RequestVerb, string>> = {
  accept: 'The job, with its steps, variables and secrets,',
  desired: 'What is to run in the environment, with its variables and secrets,',
  observed: 'What is to run in the environment, with its variables and secrets,',
};

const isVerb = (verb: string): verb is RequestVerb => (REQUEST_VERBS as readonly string[]).includes(verb);

function refusalOf(error: unknown, about: { agentId: string; verb: string }, log: Logger) {
  if (error instanceof DomainError) {
    log.info({ ...about, code: error.code }, error.message);
    return { error: { code: error.code, message: error.message, retry: error.kind === 'unavailable' } };
  }
  if (error instanceof ZodError || error instanceof SyntaxError) {
    log.warn({ ...about, err: error }, 'Refused a malformed request.');
    return {
      error: {
        code: 'malformed',
        message: 'The request does not fit the protocol. Update the agent or the server so that both have the same version.',
        retry: false,
      },
    };
  }
  if (faultOf(error) === 'lasting') {
    log.error({ ...about, err: error }, "A request of an agent can't be processed.");
    return { error: { code: 'refused', message: "The server can't store what this request says. Its log says why.", retry: false } };
  }
  log.error({ ...about, err: error }, 'A request of an agent failed.');
  return { error: { code: 'internal', message: 'The server could not answer. Try again.', retry: true } };
}
