import type { FastifyInstance } from 'fastify';
import { originOf } from './origin.js';

/** No inline script, nothing from elsewhere. Styles inline: the page's components set measured sizes as style attributes. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS: Record<string, string> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
};

const HALF_A_YEAR_S = 180 * 24 * 3600;

export type SecurityHeaderOptions = {
  publicUrl: string | null;
  /** Whether browsers are told to come by https alone; they then do so for every port of the host. `false` takes it back. */
  hsts: boolean;
};

/** On every answer; a route that set one of them itself keeps its own. */
export function addSecurityHeaders(app: FastifyInstance, { publicUrl, hsts }: SecurityHeaderOptions): void {
  app.addHook('onSend', async (request, reply) => {
    if (originOf(request, publicUrl).startsWith('https:')) reply.header('strict-transport-security', `max-age=${hsts ? HALF_A_YEAR_S : 0}`);
    // The scheme to use instead (RFC 9110, 15.5.2). Not Basic, because browsers would then ask for a password.
    if (reply.statusCode === 401 && !reply.hasHeader('www-authenticate')) reply.header('www-authenticate', 'Bearer realm="Slipway"');
    for (const [name, value] of Object.entries(HEADERS)) if (!reply.hasHeader(name)) reply.header(name, value);
  });
}
