import { z } from 'zod';
import type { Permission } from '../people/access/actor.js';
import type { Call, Refusal } from './call.js';

export type Json = Record<string, unknown>;
export type Schema = {
  type?: string | string[];
  description?: string;
  examples?: unknown[];
  enum?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
};
export type Parameter = { name: string; in: 'query'; required: boolean; description: string; schema: Schema };
type Media = { 'application/json': { schema: Schema | { $ref: string }; example?: unknown } };
export type Operation = {
  operationId: string;
  tags: string[];
  summary: string;
  description: string;
  parameters?: Parameter[];
  requestBody?: { required: boolean; description?: string; content: Media };
  responses: Record<string, { description: string; content: Media }>;
  'x-permission': Permission;
};
export type OpenApi = {
  openapi: '3.1.0';
  info: { title: string; version: string; description: string };
  servers: { url: string }[];
  security: Json[];
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Json; securitySchemes: Json };
};

const DESCRIPTION = [
  'Plain JSON over HTTP, for scripts. It does what the page and GraphQL do, with the same rights.',
  'Send a token of yours as "Authorization: Bearer slp_…"; make one on the page, under Account. Cookies are ignored.',
  'Fields of GET and DELETE go in the query string or in a JSON body. Fields of POST go in a JSON body. Unknown fields are refused.',
  'A refusal is {"error": {"code", "message"}}: the code is stable and for programs; the message says what is wrong and what to do now.',
].join('\n\n');

const GROUPS: Record<Call['group'], string> = {
  Repositories: 'Hosted by Slipway, or external ones that it mirrors.',
  Tests: 'Test jobs of a pipeline, started by hand.',
  Environments: 'Where releases run.',
  Deployments: 'A release on its way into an environment.',
};

/** What every call may answer besides. */
const USUAL: Record<string, string> = {
  400: 'bad_input: a field is missing, unknown or not of its type; the message names the field, the given value and what is allowed. Other codes that begin with bad_ say more precisely what is wrong.',
  401: 'unauthenticated: no token was sent. bad_token: it is unknown, expired or revoked.',
  403: 'forbidden: your role in the project does not allow it.',
  413: 'body_too_large: the body is larger than 64 KiB.',
  415: 'unsupported_media_type: the body is not application/json.',
  500: 'internal_error: a fault of the server; its log says more under the id in the message.',
  503: 'unavailable: try again in a moment.',
};

/** OpenAPI 3.1 of the calls, from the schemas that they are checked with. */
export function openApiOf(calls: readonly Call[]): OpenApi {
  const paths: OpenApi['paths'] = {};
  for (const call of calls)
    paths[`/api/v1${call.path}`] = { ...paths[`/api/v1${call.path}`], [call.method.toLowerCase()]: operationOf(call) };
  return {
    openapi: '3.1.0',
    info: { title: 'Slipway REST v1', version: '1.0.0', description: DESCRIPTION },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    tags: Object.entries(GROUPS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: { Error: schemaOf(ErrorAnswer) },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'A token of Slipway: slp_ and 43 letters, digits, "-" and "_".' },
      },
    },
  };
}

const ErrorAnswer = z.strictObject({
  error: z.strictObject({
    code: z.string().meta({ description: 'Stable, for programs.', examples: ['bad_input'] }),
    message: z.string().meta({ description: 'What is wrong, why, and what to do now.' }),
  }),
});

function operationOf(call: Call): Operation {
  const input = schemaOf(call.input);
  return {
    operationId: `${call.method.toLowerCase()}${call.path.replace(/\/(\w)/g, (_all, letter: string) => letter.toUpperCase())}`,
    tags: [call.group],
    summary: call.summary,
    description: `${call.description}\n\nNeeds the permission ${call.permission}.`,
    ...(call.method === 'POST' ? { requestBody: bodyOf(input) } : { parameters: parametersOf(input) }),
    responses: {
      [call.status]: { description: 'Done.', content: { 'application/json': { schema: schemaOf(call.answer) } } },
      ...refusalsOf(call.refusals),
    },
    'x-permission': call.permission,
  };
}

const bodyOf = (schema: Schema) => ({ required: true, content: { 'application/json': { schema, example: exampleOf(schema) } } });

const parametersOf = ({ properties = {}, required = [] }: Schema): Parameter[] =>
  Object.entries(properties).map(([name, { description = '', ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    description,
    schema,
  }));

function refusalsOf(refusals: readonly Refusal[]): Operation['responses'] {
  const own = Object.groupBy(refusals, ({ status }) => String(status));
  const texts = Object.entries(own).map(
    ([status, all = []]) => [status, all.map(({ code, why }) => `${code}: ${why}`).join('\n\n')] as const,
  );
  const entries = [...Object.entries(USUAL), ...texts].map(([status, description]) => [
    status,
    { description, content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } },
  ]);
  return Object.fromEntries(entries);
}

/** Without the dialect: OpenAPI 3.1 means this one. */
function schemaOf(type: z.ZodType): Schema {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(type, { io: 'input' });
  return schema as Schema;
}

/** An example value; of an object only of the fields that are asked for. */
export function exampleOf({ examples, properties, required = [], items, anyOf, enum: values }: Schema): unknown {
  if (examples?.length) return examples[0];
  if (properties) {
    const named = Object.entries(properties).filter(([name]) => required.length === 0 || required.includes(name) || name === 'config');
    return Object.fromEntries(named.map(([name, schema]) => [name, exampleOf(schema)]));
  }
  if (items) return [];
  return values?.[0] ?? (anyOf?.some(({ type }) => type === 'null') ? null : '…');
}
