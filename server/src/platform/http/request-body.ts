import { Readable } from 'node:stream';
import { shorten } from '@slipway/protocol';
import type { FastifyError, FastifyRequest, RequestPayload } from 'fastify';
import { DomainError } from '../errors.js';
import { checkJson } from './json-input.js';

/** What Fastify refuses before a route sees it, in our words. */
const REFUSALS: Record<string, DomainError> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: new DomainError(
    'unsupported',
    'unsupported_media_type',
    'The body has a type that is not accepted here. Send JSON, with the header "Content-Type: application/json".',
  ),
  FST_ERR_CTP_BODY_TOO_LARGE: new DomainError(
    'too_large',
    'body_too_large',
    'The body is larger than 1 MiB. Nothing was done. Send less at once.',
  ),
  FST_ERR_CTP_EMPTY_JSON_BODY: new DomainError(
    'bad_input',
    'empty_body',
    'The body is empty. Send JSON, or leave the header Content-Type out.',
  ),
  FST_ERR_CTP_INVALID_JSON_BODY: new DomainError('bad_input', 'invalid_json', 'The body is not valid JSON. Fix it, then send it again.'),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: new DomainError(
    'bad_input',
    'bad_content_length',
    'The length of the body differs from its Content-Length. Send the whole body again.',
  ),
};

/** Fastify's own refusals (broken JSON, body too large, unsupported type) are the caller's faults and say so. */
export function callersFault(error: FastifyError | DomainError): unknown {
  if (error instanceof DomainError) return error;
  const known = REFUSALS[error.code];
  if (known) return known;
  const status = error.statusCode ?? 500;
  if (status >= 500) return error;
  const kind = status === 413 ? 'too_large' : status === 404 ? 'not_found' : 'bad_input';
  return new DomainError(kind, (error.code ?? 'bad_request').toLowerCase().replace(/^fst_err_(ctp_)?/, ''), error.message);
}

/** A compressed body is not unpacked here: a small one may be any size then. @throws DomainError */
export function refuseCompressed({ headers }: Pick<FastifyRequest, 'headers'>): void {
  const encoding = headers['content-encoding'] ?? '';
  if (/^(\s*identity\s*)?$/i.test(encoding)) return;
  throw new DomainError(
    'unsupported',
    'compressed_body',
    `The body is encoded as "${shorten(encoding, 40, '…')}", which is not accepted here. Send it unencoded, without the header Content-Encoding.`,
  );
}

/** Parses what came as JSON. @throws DomainError for bytes that are no JSON, or JSON that nothing here takes */
export function parseBody(bytes: Buffer): unknown {
  const body = parseJson(utf8(bytes));
  checkJson(body);
  return body;
}

function utf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new DomainError('bad_input', 'bad_encoding', 'The body is not valid UTF-8. Send JSON in UTF-8.');
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw text.trim() === '' ? REFUSALS.FST_ERR_CTP_EMPTY_JSON_BODY : REFUSALS.FST_ERR_CTP_INVALID_JSON_BODY;
  }
}

/** The same body, which ends with a refusal when it has more than these bytes. */
export function atMost(payload: RequestPayload, maxBytes: number): RequestPayload {
  let bytes = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of payload) {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        const most = `${maxBytes / 1024} KiB`;
        throw new DomainError('unauthenticated', 'unauthenticated', `Without signing in, a body has at most ${most}. Sign in first.`);
      }
      yield chunk;
    }
  }
  return Readable.from(counted(), { objectMode: false });
}
