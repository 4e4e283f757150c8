import { Readable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { DomainError, notFound } from '../../platform/errors.js';
import type { Logs } from './logs.js';

export type LogDownloadDeps = {
  logs: Pick<Logs, 'download'>;
  /** @throws DomainError when the caller may not read the attempt's project, or there is none */
  authorise(request: FastifyRequest, attemptId: string): Promise<void>;
};

/**
 * `GET /api/logs/<attempt>.txt`: the whole log as text, as far as it goes at this moment, with the escape sequences for colours and the like
 * that the job printed. `?escapes=none`: without them.
 */
export const logDownload =
  ({ logs, authorise }: LogDownloadDeps): FastifyPluginAsync =>
  async (app) => {
    app.get<{ Params: { attempt: string }; Querystring: { escapes?: unknown } }>('/api/logs/:attempt.txt', async (request, reply) => {
      const { attempt } = request.params;
      const isPlain = wantsNoEscapes(request.query.escapes);
      await authorise(request, attempt);
      const text = await logs.download(attempt);
      if (!text) throw notFound('log', attempt);
      return reply
        .header('content-type', 'text/plain; charset=utf-8')
        .header('x-content-type-options', 'nosniff')
        .header('content-disposition', `inline; filename="${attempt}.txt"`)
        .send(Readable.from(isPlain ? plain(text) : text));
    });
  };

function wantsNoEscapes(escapes: unknown): boolean {
  if (escapes === undefined) return false;
  if (escapes === 'none') return true;
  throw new DomainError(
    'bad_input',
    'bad_escapes',
    'The parameter "escapes" can only be "none", for the log without escape sequences. Leave it out to get the log as it was printed.',
  );
}

/** The pieces are whole lines, and an escape sequence ends with its line. */
async function* plain(text: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const lines of text) yield stripVTControlCharacters(lines);
}
