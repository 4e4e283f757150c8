import type { FastifyPluginAsync } from 'fastify';
import type { Database } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';
import { Enrolment, enrolAgent } from './enrol-agent.js';

export type EnrolmentDeps = {
  database: Database;
  /** Lets it into NATS; resolves to a token that allows this agent its own subjects alone. */
  admit(agentId: string, publicKey: string): Promise<string>;
  natsUrl: string;
};

/** `POST /api/agents/enrol` {token, name, publicKey} → {agentId, jwt, natsUrl}. Repeating it with the same key is harmless. */
export const enrolmentRoutes =
  (deps: EnrolmentDeps): FastifyPluginAsync =>
  async (app) => {
    app.post('/api/agents/enrol', async (request) => {
      const enrolment = Enrolment.safeParse(request.body);
      if (!enrolment.success) {
        const [issue] = enrolment.error.issues;
        throw new DomainError(
          'bad_input',
          'bad_enrolment',
          `"${issue?.path.join('.')}" ${issue?.message}. Send {"token", "name", "publicKey"} as JSON.`,
        );
      }
      const agentId = await enrolAgent(deps.database, enrolment.data);
      return { agentId, jwt: await deps.admit(agentId, enrolment.data.publicKey), natsUrl: deps.natsUrl };
    });
  };
