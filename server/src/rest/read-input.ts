import { shorten } from '@slipway/protocol';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { DomainError } from '../platform/errors.js';
import { checkJson } from '../platform/http/json-input.js';
import type { Call } from './call.js';

const MAX_BODY_BYTES = 64 * 1024;
const MAX_SHOWN_LENGTH = 80;

/** What a call is given: its fields in the JSON body; those of GET and DELETE in the query string as well. @throws DomainError, for the first field that is wrong */
export async function readInput(call: Call, request: FastifyRequest): Promise<Record<string, unknown>> {
  const body = await readBody(request);
  const query = request.query as Record<string, unknown>;
  if (call.method === 'POST' && Object.keys(query).length > 0)
    throw badInput(`${nameOf(call)} takes its fields in a JSON body. Move what follows the "?" there.`);
  const twice = Object.keys(query).find((name) => Object.hasOwn(body, name) && body[name] !== query[name]);
  if (twice !== undefined) throw badInput(`"${twice}" has one value in the query string and another in the body. Give it once.`);
  const read = call.input.safeParse({ ...query, ...body }, { reportInput: true });
  if (!read.success) throw badInput(explain(call, read.error.issues));
  checkJson(read.data);
  return read.data;
}

/** Also of GET and DELETE, whose bodies Fastify does not read. No body: no fields. */
async function readBody(request: FastifyRequest): Promise<Record<string, unknown>> {
  const text = await readText(request);
  if (text === '') return {};
  const value = parseJson(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw badInput(`The body is ${shown(value)}; it must be a JSON object with the fields of the call, e.g. {"repo_url": "…"}.`);
}

async function readText({ raw, headers }: FastifyRequest): Promise<string> {
  if (Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  // The rest of a body that is too large is left to Node, so that the caller still hears why it was refused.
  for await (const chunk of raw.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw badInput('The body is not valid UTF-8. Send JSON in UTF-8.');
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badInput(`The body is not valid JSON: ${shorten((error as Error).message, 2 * MAX_SHOWN_LENGTH)}. Fix it, then send it again.`);
  }
}

function explain(call: Call, issues: readonly z.core.$ZodIssue[]): string {
  const unknown = issues.find((issue) => issue.code === 'unrecognized_keys');
  if (unknown) return noSuchField(call, unknown);
  const [issue] = issues;
  if (!issue) throw new Error('Input was refused without an issue.');
  const field = issue.path.join('.');
  const expected = `It must be ${issue.message}.`;
  return issue.input === undefined ? `"${field}" is missing. ${expected}` : `"${field}" is ${shown(issue.input)}. ${expected}`;
}

function noSuchField(call: Call, issue: z.core.$ZodIssueUnrecognizedKeys): string {
  const within = issue.path.reduce<z.ZodType>((schema, key) => shapeOf(schema)[String(key)] as z.ZodType, call.input);
  const name = shorten([...issue.path, issue.keys[0]].join('.'), MAX_SHOWN_LENGTH);
  const fields = Object.keys(shapeOf(within)).join(', ');
  return `"${name}" is not a field of ${nameOf(call)}. ${issue.path.length === 0 ? 'Its fields' : `The fields of "${issue.path.join('.')}"`} are ${fields}.`;
}

function shapeOf(schema: z.ZodType): Record<string, z.ZodType> {
  const bare = schema instanceof z.ZodOptional ? (schema.unwrap() as z.ZodType) : schema;
  return bare instanceof z.ZodObject ? (bare.shape as Record<string, z.ZodType>) : {};
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value) ?? String(value);
  return shorten(text, MAX_SHOWN_LENGTH, `… (${text.length} characters)`);
}

export const nameOf = (call: Pick<Call, 'method' | 'path'>): string => `${call.method} /api/v1${call.path}`;

const badInput = (message: string) => new DomainError('bad_input', 'bad_input', message);
const tooLarge = () =>
  new DomainError(
    'too_large',
    'body_too_large',
    `The body is larger than ${MAX_BODY_BYTES / 1024} KiB. No call of REST v1 needs that much.`,
  );
