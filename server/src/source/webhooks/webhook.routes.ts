import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '../../platform/errors.js';
import { refuseCompressed } from '../../platform/http/request-body.js';
import { MAX_PAYLOAD_BYTES } from './payload.js';
import type { WebhookReceipt, WebhookRequest } from './receive-webhook.js';

type Params = { repositoryId: string };

const TOO_LARGE = new DomainError(
  'too_large',
  'payload_too_large',
  `A payload has at most ${MAX_PAYLOAD_BYTES / 1024 / 1024} MiB. Nothing was done; choose fewer events at the host.`,
);

/** Where code hosts call: `POST /webhooks/<repository id>`. Bodies stay the bytes that were signed. */
export function webhookRoutes(receive: (request: WebhookRequest) => Promise<WebhookReceipt>) {
  return async (app: FastifyInstance): Promise<void> => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MAX_PAYLOAD_BYTES }, async (request: FastifyRequest, body: Buffer) => {
      refuseCompressed(request);
      return body;
    });
    app.post<{ Params: Params; Body: Buffer | undefined }>(
      '/webhooks/:repositoryId',
      {
        bodyLimit: MAX_PAYLOAD_BYTES,
        errorHandler: (error, request, reply) => {
          const shown = error.code === 'FST_ERR_CTP_BODY_TOO_LARGE' ? TOO_LARGE : error;
          return app.errorHandler(shown, request, reply);
        },
      },
      async (request, reply) => {
        const { headers, params, body } = request;
        const receipt = await receive({ repositoryId: params.repositoryId, headers, body: body ?? Buffer.alloc(0) });
        return reply.code(202).send(receipt);
      },
    );
    app.route<{ Params: Params }>({
      method: ['GET', 'PUT', 'PATCH', 'DELETE'],
      url: '/webhooks/:repositoryId',
      handler: (_request, reply) => reply.code(405).header('allow', 'POST').send(POST_ONLY),
    });
  };
}

const POST_ONLY = {
  error: {
    code: 'method_not_allowed',
    message: "This address is for webhooks: enter it at the repository's code host, which calls it with POST.",
  },
};
