import { CODE_HOSTS } from './code-hosts.js';
import type { HostApi } from './host-api.js';
import type { HostAnswer, HostRequest } from './requests.js';

/** Works like `fetch`. Whoever provides it makes sure that it reaches only allowed addresses. */
export type HostFetch = (url: string, init: RequestInit) => Promise<Response>;

/** The host did not answer, answered too late, or sent too much. The message is for people and contains no credential. */
export class HostSilent extends Error {}

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 8 * 1024 * 1024;
const MAX_WAIT_MS = 60 * 60_000;

/**
 * One request to a code host, answered whole or not at all. Redirects are not followed: they would take the credential along.
 * @throws HostSilent
 */
export async function callHost(fetch: HostFetch, api: HostApi, { method, path, body }: HostRequest): Promise<HostAnswer> {
  const { address, signIn } = CODE_HOSTS[api.host];
  const headers = { accept: 'application/json', 'user-agent': 'Slipway', authorization: signIn.authorization(api.credential) };
  try {
    const response = await fetch(`${address.apiRoot(api.apiUrl)}${path}`, {
      method,
      headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await limited(response);
    return { status: response.status, retryAfterMs: retryAfterMs(response.headers, Date.now()), link: response.headers.get('link'), text };
  } catch (error) {
    throw error instanceof HostSilent ? error : new HostSilent(`${new URL(api.apiUrl).host} could not be reached: ${reasonOf(error)}.`);
  }
}

async function limited(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new HostSilent(`The host answered with more than ${MAX_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** `Retry-After` in seconds or as a date (RFC 9110), or GitHub's and Gitea's time at which an exhausted rate limit is reset. */
export function retryAfterMs(headers: Headers, nowMs: number): number | null {
  const after = headers.get('retry-after');
  const reset = headers.get('x-ratelimit-remaining') === '0' ? headers.get('x-ratelimit-reset') : null;
  const ms = after === null ? (reset === null ? Number.NaN : Number(reset) * 1000 - nowMs) : waitOf(after, nowMs);
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), MAX_WAIT_MS);
}

const waitOf = (after: string, nowMs: number): number => (/^\d+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - nowMs);

/** The reason without what was sent: libraries may repeat it in their error messages. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1000} s`;
  const cause = (error as { cause?: { code?: unknown } }).cause;
  const code = cause?.code ?? (error as { code?: unknown }).code;
  return typeof code === 'string' ? code : 'the connection failed';
}
