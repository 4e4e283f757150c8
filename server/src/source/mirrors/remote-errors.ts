import { stripVTControlCharacters } from 'node:util';
import { shorten } from '@slipway/protocol';
import { DomainError, type ErrorKind } from '../../platform/errors.js';

/** What was asked of the host, for the message. */
export type Asked = {
  /** The address as people know it. */
  url: string;
  hostname: string;
  credential: 'none' | 'token' | 'password' | 'ssh_key';
  /** Whether ssh's host key was pinned. */
  pinned: boolean;
};

type Fault = { says: RegExp; kind: ErrorKind; code: string; message(asked: Asked, found: RegExpExecArray): string };

const CREDENTIALS = { none: 'nothing', token: 'the token', password: 'the user name and password', ssh_key: 'the ssh key' };

/** Which object fails which check, in Git's words; what the host says beside them is not its. */
function faultIn(stderr: string): string {
  const [, object, check] = /^(?!remote:).*object ([0-9a-f]{40,64}): ([a-zA-Z]+):/m.exec(stderr) ?? [];
  if (!object || !check) return '. "git fsck" in a clone says what is wrong with it';
  return `: object ${object} fails the check ${check}. "git fsck" in a clone shows it; that commit and those after it have to be rewritten`;
}

/** The first that fits counts. */
const FAULTS: Fault[] = [
  {
    // The host's own words begin with "remote:"; its disk is not ours.
    says: /^(?!remote:).*(No space left on device|Disk quota exceeded)/m,
    kind: 'unavailable',
    code: 'disk_full',
    message: ({ url }) =>
      `The disk of this server is too full to fetch what is new at ${url}. Free some space in its data folder; Slipway tries again by itself.`,
  },
  {
    says: /ssh: (command )?not found|cannot run ssh/,
    kind: 'unavailable',
    code: 'ssh_missing',
    message: () => 'This server has no ssh. Install openssh-client on it, or use the https address of the repository.',
  },
  {
    says: /REMOTE HOST IDENTIFICATION HAS CHANGED[\s\S]*?(SHA256:[A-Za-z0-9+/]+)|Host key verification failed/,
    kind: 'conflict',
    code: 'host_key_changed',
    message: ({ hostname, pinned }, [, fingerprint]) =>
      pinned
        ? `The host key of ${hostname} is not the one that was pinned${fingerprint ? `: it shows ${fingerprint} now` : ''}. Somebody may be intercepting the connection. If the host says that it has a new key, compare the fingerprints and accept it.`
        : `The host key of ${hostname} is not known yet. Check the address again.`,
  },
  {
    says: /returned error: 30[0-9]|unable to update url base from redirection/,
    kind: 'bad_input',
    code: 'redirect',
    message: ({ url }) =>
      `${url} redirects to another address, and Slipway follows no redirects, because they could lead into this network. Open the repository's page in a browser, and use the address that it shows for cloning.`,
  },
  {
    says: /Authentication failed for|returned error: 401|Permission denied \(|Too many authentication failures|could not read (Username|Password)/,
    kind: 'bad_input',
    code: 'access_denied',
    message: ({ url, credential }) =>
      credential === 'none'
        ? `${url} is not public. Give a token, a password or an ssh key that may read it.`
        : `${url} did not let Slipway in with ${CREDENTIALS[credential]}. Check that the credential is right, has not expired and may read the repository.`,
  },
  {
    says: /returned error: 403/,
    kind: 'bad_input',
    code: 'access_denied',
    message: ({ url, credential }) =>
      `${url} refuses access with ${CREDENTIALS[credential]}. Give the credential the right to read the repository.`,
  },
  {
    says: /[Rr]epository .*not found|not found: did you run|returned error: 404|does not appear to be a git repository|Could not find repository|project you were looking for could not be found/,
    kind: 'not_found',
    code: 'remote_not_found',
    message: ({ url, credential }) =>
      `There is no repository at ${url}, or ${credential === 'none' ? 'it is not public. Check the address, or give a credential' : `${CREDENTIALS[credential]} may not see it. Check the address and the credential`}.`,
  },
  {
    says: /not valid: is this a git repository|not a git repository|protocol error: (bad line length|unexpected)|bad line length character|invalid server response/,
    kind: 'bad_input',
    code: 'not_a_repository',
    message: ({ url }) => `${url} answers, but not like a Git repository. Use the address that the host shows for cloning.`,
  },
  {
    says: /certificate (verification|problem|has)|SSL_|SSL (connect|peer|certificate)|gnutls_handshake|TLS connection/i,
    kind: 'unavailable',
    code: 'tls',
    message: ({ hostname }) =>
      `The connection to ${hostname} can't be trusted: this server does not accept its certificate. Ask whoever runs the host.`,
  },
  {
    says: /fsck error|fatal: fsck|object [0-9a-f]{40,64}: [a-zA-Z]+: .*(contains|invalid|missing)|bad object|invalid (index-pack|object)|broken|unresolved deltas/i,
    kind: 'bad_input',
    code: 'bad_objects',
    message: ({ url }, { input }) => `The Git history at ${url} is broken, so nothing was fetched${faultIn(input)}.`,
  },
  {
    says: /not our ref|upload-pack: not our ref|did not send all necessary objects|Server does not allow request for unadvertised object|couldn't find remote ref/,
    kind: 'conflict',
    code: 'remote_moved',
    message: ({ url }) => `${url} changed while it was being fetched. It is fetched again.`,
  },
  {
    says: /[Cc]ould not resolve|Failed to connect|Connection (refused|timed out|reset|closed)|[Nn]etwork is unreachable|No route to host|timed out|Operation too slow|Empty reply|hung up|returned error: (5[0-9][0-9]|429)|RPC failed|early EOF|Couldn't connect|kex_exchange_identification|Could not read from remote repository/,
    kind: 'unavailable',
    code: 'unreachable',
    message: ({ hostname }) =>
      `${hostname} can't be reached, or the connection broke. Slipway tries again by itself. Check the address, and that the host is up.`,
  },
];

/**
 * Turns what git says when it can't fetch from a host or push to it into an error that people can act on.
 * @param stderr null: git was ended because it took too long
 */
export function explainRemote(asked: Asked, stderr: string | null): DomainError {
  if (stderr === null)
    return new DomainError(
      'unavailable',
      'timed_out',
      `${asked.hostname} took too long to answer. Slipway tries again by itself. Check that the host is up.`,
    );
  const said = readable(stderr);
  for (const { says, kind, code, message } of FAULTS) {
    const found = says.exec(said);
    if (found) return new DomainError(kind, code, message(asked, found));
  }
  return new DomainError('unavailable', 'remote_failed', `Git could not talk to ${asked.url}: ${lastWords(stderr)}`);
}

/** What the host itself says to whoever pushes, and why it took no ref. */
export function hostWords(output: string): string {
  const said = readable(output);
  const remote = [...said.matchAll(/^remote: ?(.*)$/gm)].map(([, words = '']) => words);
  const reasons = [...said.matchAll(/\[remote rejected\][^(\n]*\((.*)\)$/gm)].map(([, reason = '']) => reason);
  return plain([...new Set([...reasons, ...remote])].join(' '));
}

const MAX_LINE = 4_000;

/** A host may say one line of any length, over which the expressions here would take minutes. */
const readable = (said: string): string =>
  said
    .split('\n')
    .map((line) => shorten(line, MAX_LINE))
    .join('\n');

const MAX_WORDS = 500;

const lastWords = (stderr: string): string => plain(stderr.trim().split('\n').slice(-3).join(' ')) || 'no reason was given.';

/** Without escapes for terminals, in one line. */
function plain(text: string): string {
  return shorten(
    stripVTControlCharacters(text)
      .replaceAll(/[\p{Cc}\s]+/gu, ' ')
      .trim(),
    MAX_WORDS,
  );
}
