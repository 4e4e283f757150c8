import { Readable } from 'node:stream';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { notFound } from '../../platform/errors.js';
import type { Logs } from './logs.js';

export type LogDownloadDeps = {
  logs: Pick<Logs, 'download'>;
  /** @throws DomainError when the caller may not read the attempt's project, or there is none */
  authorise(request: FastifyRequest, attemptId: string): Promise<void>;
};

/** `GET /api/logs/<attempt>.txt`: the whole log as plain text, as far as it goes at this moment. */
export const logDownload =
  ({ logs, authorise }: LogDownloadDeps): FastifyPluginAsync =>
  async (app) => {
    app.get<{ Params: { attempt: string } }>('/api/logs/:attempt.txt', async (request, reply) => {
      const { attempt } = request.params;
      await authorise(request, attempt);
      const text = await logs.download(attempt);
      if (!text) throw notFound('log', attempt);
      return reply
        .header('content-type', 'text/plain; charset=utf-8')
        .header('x-content-type-options', 'nosniff')
        .header('content-disposition', `inline; filename="${attempt}.txt"`)
        .send(Readable.from(text));
    });
  };
