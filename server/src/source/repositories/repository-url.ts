/**
 * Addresses of repositories at code hosts: `https://host[:port]/path`, `http://…`, `ssh://[user@]host[:port]/path` and the
 * short form of ssh, `user@host:path`. Pure; whether an address may be reached at all is decided elsewhere.
 */
export type RepositoryUrl = {
  scheme: 'https' | 'http' | 'ssh';
  hostname: string;
  /** null: the scheme's own. */
  port: number | null;
  /** Only for ssh; `git` when left out. */
  user: string | null;
  /** Without a slash at either end; `.git` as given. */
  path: string;
  /** The short form counts from the home folder of the user on the host, all others from its root. */
  fromHome: boolean;
};

export type BadUrl = { code: 'not_a_url' | 'scheme' | 'credentials' | 'option' | 'path'; message: string };

const SHORT_SSH = /^(?:([A-Za-z0-9._~-]+)@)?([A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\]):(?!\/\/)(.+)$/;
/** A user whose name needs an escape is not known from any host; escapes would be read twice, here and by Git. */
const USER = /^[A-Za-z0-9._~-]+$/;
const SCHEMES: readonly string[] = ['https', 'http', 'ssh'];
const MAX_LENGTH = 2_000;
/** Blanks and everything that is not printed. */
const ODD = /[\s\p{Cc}]/u;

/** The address that the text means, or why it can't be used as one. */
export function parseRepositoryUrl(text: string): RepositoryUrl | BadUrl {
  if (text.length === 0 || text.length > MAX_LENGTH || ODD.test(text)) return notAUrl();
  if (text.startsWith('-')) return option();
  const short = text.includes('://') ? null : SHORT_SSH.exec(text);
  if (short) return shortForm(short);
  if (!URL.canParse(text)) return notAUrl();
  const url = new URL(text);
  const user = decoded(url.username);
  if (user === null) return notAUrl();
  const scheme = url.protocol.slice(0, -1);
  if (!SCHEMES.includes(scheme)) return badScheme(scheme);
  if (url.password !== '' || (scheme !== 'ssh' && url.username !== '')) return credentials();
  if (url.search !== '' || url.hash !== '') return { code: 'path', message: 'The address of a repository can\'t contain "?" or "#".' };
  return checked({
    scheme: scheme as RepositoryUrl['scheme'],
    hostname: url.hostname,
    port: url.port === '' ? null : Number(url.port),
    user: scheme === 'ssh' ? user || 'git' : null,
    path: url.pathname,
    fromHome: false,
  });
}

/** null: "%" with something behind it that it can't escape. */
function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** `scheme::address` would have Git run a helper of that name. */
function shortForm([, user, hostname = '', path = '']: RegExpExecArray): RepositoryUrl | BadUrl {
  if (path.startsWith(':')) return badScheme(`${hostname}:`);
  if (user === undefined && !hostname.includes('.') && !hostname.startsWith('[')) return badScheme(hostname);
  return checked({ scheme: 'ssh', hostname, port: null, user: user ?? 'git', path, fromHome: !path.startsWith('/') });
}

export const isBadUrl = (parsed: RepositoryUrl | BadUrl): parsed is BadUrl => 'code' in parsed;

/** The form that Git is given and people see. */
export function formatRepositoryUrl({ scheme, hostname, port, user, path, fromHome }: RepositoryUrl): string {
  if (fromHome) return `${user}@${hostname}:${path}`;
  return `${scheme}://${user === null ? '' : `${user}@`}${hostname}${port === null ? '' : `:${port}`}/${path}`;
}

/** The same for all spellings of one repository's address: host in lower case and path without `.git`; the scheme, the user and the port don't count. */
export function repositoryKey({ hostname, path }: RepositoryUrl): string {
  return `${hostname.toLowerCase()}/${path.replace(/\.git$/i, '').toLowerCase()}`;
}

function checked(url: RepositoryUrl): RepositoryUrl | BadUrl {
  const path = url.path.replace(/^\/+|\/+$/g, '');
  if (url.hostname === '' || path === '' || url.hostname.includes('%')) return notAUrl();
  if (url.hostname.startsWith('-') || url.user?.startsWith('-') || path.startsWith('-')) return option();
  if (url.user !== null && !USER.test(url.user)) return notAUrl();
  if (path.split('/').includes('..')) return { code: 'path', message: 'The path of the address must not contain "..".' };
  return { ...url, path };
}

const notAUrl = (): BadUrl => ({
  code: 'not_a_url',
  message: 'This is not the address of a repository. It looks like https://host/owner/name.git or git@host:owner/name.git.',
});
const option = (): BadUrl => ({
  code: 'option',
  message: 'No part of an address may begin with "-": Git would read it as an option.',
});
const badScheme = (scheme: string): BadUrl => ({
  code: 'scheme',
  message: `Slipway does not fetch from addresses with "${scheme}:". Use https:// or ssh://.`,
});
const credentials = (): BadUrl => ({
  code: 'credentials',
  message:
    'An address must not contain a user name, a password or a token, because addresses are shown and logged: take out all before "@". Put it into the fields for the credential.',
});
