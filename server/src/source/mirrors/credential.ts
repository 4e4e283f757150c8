import { DomainError } from '../../platform/errors.js';
import { codeHostOf } from '../code-hosts/code-hosts.js';
import type { HostSoftware } from '../code-hosts/host-kinds.js';
import type { RepositoryUrl } from '../repositories/repository-url.js';

export const CREDENTIAL_KINDS = ['none', 'token', 'password', 'ssh_key'] as const;
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number];

/** The credential with which Slipway signs in at a host. */
export type Credential =
  | { kind: 'none' }
  | { kind: 'token'; username: string; token: string }
  | { kind: 'password'; username: string; password: string }
  | { kind: 'ssh_key'; privateKey: string; publicKey: string };

/** As people give it. `secret` is the token, the password or the private key; an ssh key left out is made here. */
export type CredentialInput = { kind: CredentialKind; username?: string | null; secret?: string | null };

const MAX_CREDENTIAL_CHARACTERS = 16_384;
const NOT_PRINTED = /\p{Cc}/u;
/** With a token the name is of no account at most hosts, but each has one that it documents; this is for all others. */
const TOKEN_USER = 'git';

/** @throws DomainError when the kind does not go with the address, or something is missing */
export function checkCredential(
  url: RepositoryUrl,
  host: HostSoftware,
  { kind, username, secret }: CredentialInput,
): Exclude<Credential, { kind: 'ssh_key' }> | null {
  if (kind === 'none') return { kind };
  if ((kind === 'ssh_key') !== (url.scheme === 'ssh')) throw kindMismatch(url, kind);
  if (kind === 'ssh_key') return null;
  if (!secret) throw bad('credential_missing', `Give the ${kind} too: the host asks Slipway for it.`);
  for (const text of [secret, username ?? '']) {
    if (text.length > MAX_CREDENTIAL_CHARACTERS || NOT_PRINTED.test(text) || !text.isWellFormed())
      throw bad(
        'credential_odd',
        `A ${kind} and a user name are one line of at most ${MAX_CREDENTIAL_CHARACTERS} characters. Copy them again, without anything around them.`,
      );
  }
  if (kind === 'token') return { kind, username: username || (codeHostOf(host)?.signIn.tokenUser ?? TOKEN_USER), token: secret };
  if (!username) throw bad('username_missing', 'Give the user name that the password belongs to.');
  return { kind, username, password: secret };
}

/** Parts of a credential that must be seen by nobody. */
export function secretsOf(credential: Credential): string[] {
  switch (credential.kind) {
    case 'none':
      return [];
    case 'token':
      return [credential.token, `${credential.username}:${credential.token}`];
    case 'password':
      return [credential.password, `${credential.username}:${credential.password}`];
    case 'ssh_key':
      return credential.privateKey.split('\n').filter((line) => line.length > 20 && !line.startsWith('-----'));
  }
}

const MASK = '***';

/** Takes secrets out of what others say: as they are, and in the forms in which URLs, headers and JSON carry them. */
export function scrub(text: string, secrets: readonly string[]): string {
  const forms = new Set(secrets.flatMap(formsOf));
  return [...forms].sort((a, b) => b.length - a.length).reduce((scrubbed, form) => scrubbed.replaceAll(form, MASK), text);
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const base64 = bytes.toString('base64').replace(/=+$/, '');
  return [
    secret,
    encodeURIComponent(secret),
    encodeURI(secret),
    JSON.stringify(secret).slice(1, -1),
    base64,
    bytes.toString('base64url'),
    bytes.toString('hex'),
  ];
}

function kindMismatch(url: RepositoryUrl, kind: CredentialKind): DomainError {
  if (url.scheme === 'ssh')
    return bad(
      'credential_kind',
      'An ssh address takes an ssh key. To sign in with a token or a password, use the https address of the repository.',
    );
  return bad(
    'credential_kind',
    `An address with ${url.scheme} takes a token or a password, not an ${kind.replace('_', ' ')}. To use a key, give the ssh address of the repository.`,
  );
}

const bad = (code: string, message: string) => new DomainError('bad_input', code, message);
