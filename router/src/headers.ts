import type { IncomingMessage } from 'node:http';

/** Headers that speak about one connection (RFC 9110, 7.6.1), and those that the proxy answers for itself. */
const HOP_BY_HOP = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const FORWARDED = new Set(['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip']);

/** Browsers send a cookie to every port of a host, so whoever is signed in to Slipway there would hand each application its session. */
const OWN_COOKIE = 'slipway_session';

/** Name, value, name, value …, as they came. */
type FlatHeaders = string[];

/**
 * What the backend is sent: everything of the client's but hop-by-hop headers, with `X-Forwarded-*`.
 * What a client claims in those is believed only from this machine (a TLS terminator beside the router).
 */
export function requestHeaders(request: IncomingMessage): FlatHeaders {
  const peer = request.socket.remoteAddress?.replace(/^::ffff:/, '') ?? 'unknown';
  const believed = isLoopback(peer);
  const headers = passed(request.rawHeaders, request.headers.connection, (name) => !believed && FORWARDED.has(name));
  const { 'x-forwarded-for': before, 'x-forwarded-host': host, 'x-forwarded-proto': protocol } = believed ? request.headers : {};
  if (before) replace(headers, 'x-forwarded-for', `${before}, ${peer}`);
  else headers.push('X-Forwarded-For', peer);
  if (!protocol) headers.push('X-Forwarded-Proto', 'http');
  if (!host && request.headers.host) headers.push('X-Forwarded-Host', request.headers.host);
  return headers;
}

/** The same for a request that asks for another protocol on this connection. */
export function upgradeHeaders(request: IncomingMessage): FlatHeaders {
  return [...requestHeaders(request), 'Connection', 'Upgrade', 'Upgrade', request.headers.upgrade ?? ''];
}

/** What the client is sent: everything of the backend's but hop-by-hop headers. */
export function responseHeaders(raw: readonly (Buffer | string)[]): FlatHeaders {
  const text = raw.map((part) => (typeof part === 'string' ? part : part.toString('latin1')));
  const connection = text.find((_, i) => i % 2 === 1 && text[i - 1]?.toLowerCase() === 'connection');
  return passed(text, connection, () => false);
}

function passed(raw: readonly string[], connection: string | undefined, dropped: (name: string) => boolean): FlatHeaders {
  const named = connection ? connection.toLowerCase().split(/[\s,]+/) : [];
  const headers: FlatHeaders = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    if (HOP_BY_HOP.has(name) || named.includes(name) || dropped(name)) continue;
    if (name === 'set-cookie' && cookieName(raw[i + 1] as string) === OWN_COOKIE) continue;
    const value = name === 'cookie' ? withoutOwnCookie(raw[i + 1] as string) : (raw[i + 1] as string);
    if (value !== '' || name !== 'cookie') headers.push(raw[i] as string, value);
  }
  return headers;
}

const cookieName = (cookie: string): string => cookie.split('=', 1)[0]?.trim() ?? '';

const withoutOwnCookie = (cookies: string): string =>
  cookies.includes(OWN_COOKIE)
    ? cookies
        .split(';')
        .filter((cookie) => cookieName(cookie) !== OWN_COOKIE)
        .join(';')
        .trim()
    : cookies;

/** Several lines of one name become one. */
function replace(headers: FlatHeaders, name: string, value: string): void {
  for (let i = headers.length - 2; i >= 0; i -= 2) if (headers[i]?.toLowerCase() === name) headers.splice(i, 2);
  headers.push(name, value);
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}
