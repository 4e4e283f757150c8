import type { FastifyCompressRouteOptions } from '@fastify/compress';

/**
 * For routes that answer text of any length at once. Streams (logs, artifacts, Git) go out as they come. An answer holds nothing that a guess could find out by
 * its length: another site's page can't ask here in the name of who looks at it, as cookies are SameSite, and GraphQL wants a header or a content
 * type that such a page may not send.
 */
export const COMPRESSED: NonNullable<FastifyCompressRouteOptions['compress']> = { encodings: ['br', 'gzip'], threshold: 1024 };
