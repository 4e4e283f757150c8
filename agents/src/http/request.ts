import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

export type HttpRequest = {
  method?: 'GET' | 'POST' | 'PUT';
  headers?: Record<string, string>;
  body?: string | Readable;
  signal?: AbortSignal;
  /** Without a sign of life for this long the request fails; none: as long as it takes. */
  idleMs?: number;
};

export type HttpAnswer = { status: number; body: IncomingMessage };

/**
 * One request, answered as soon as the head of the answer is there; its body must be read. Node's own client: a library costs an idle
 * agent a quarter of its memory.
 */
export async function send(url: URL, { method = 'GET', headers = {}, body, signal, idleMs }: HttpRequest = {}): Promise<HttpAnswer> {
  const start = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  const request = start(url, { method, headers, signal, agent: false, timeout: idleMs });
  request.on('error', reject);
  request.on('timeout', () => request.destroy(new Error(`${url.host} did not answer within ${idleMs} ms.`)));
  request.on('response', (answer) => resolve({ status: answer.statusCode ?? 0, body: answer }));
  // A server that refuses answers before it has read everything: its answer counts, not the broken pipe.
  if (body === undefined || typeof body === 'string') request.end(body);
  else pipeline(body, request).catch((error) => setImmediate(() => reject(error)));
  return promise;
}

export const textOf = ({ body }: HttpAnswer): Promise<string> => text(body);
