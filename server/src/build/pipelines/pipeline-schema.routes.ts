import type { FastifyInstance } from 'fastify';
import { COMPRESSED } from '../../platform/http/compression.js';
import { pipelineJsonSchema } from './pipeline-schema.js';

/** JSON Schema of `.slipway.yml` for editors; open to everybody, as editors don't sign in. */
export async function pipelineSchemaRoutes(app: FastifyInstance): Promise<void> {
  const schema = JSON.stringify(pipelineJsonSchema(), null, 2);
  app.get('/schemas/slipway.yml.json', { compress: COMPRESSED }, (_request, reply) =>
    reply
      .type('application/schema+json; charset=utf-8')
      .header('access-control-allow-origin', '*')
      .header('cache-control', 'public, max-age=300')
      .send(schema),
  );
}
