import type { ApiCredential } from './host-api.js';

/** RFC 7617, in UTF-8. */
export const basic = (username: string, password: string): string =>
  `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;

/** A password by Basic, a token by the host's own scheme. */
export const byScheme =
  (scheme: 'Bearer' | 'token') =>
  (credential: ApiCredential): string =>
    credential.kind === 'password' ? basic(credential.username, credential.password) : `${scheme} ${credential.token}`;
