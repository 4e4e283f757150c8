import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { DomainError } from '../../platform/errors.js';
import type { GitConfig } from '../../platform/git.js';
import type { CheckedHost, OutboundAddresses } from '../../platform/outbound-addresses.js';
import { forgiven } from '../repositories/repository-store.js';
import { formatRepositoryUrl, type RepositoryUrl } from '../repositories/repository-url.js';
import type { Credential } from './credential.js';
import type { PrivateFiles, PrivateFolder } from './private-files.js';

/** Where a repository is, and how it is asked. */
export type HostConnection = {
  url: RepositoryUrl;
  credential: Credential;
  /** Lines of known_hosts. null: whatever key the host shows is taken, for the first time. */
  hostKeys: string | null;
};

/** What a git process needs to reach one host and nothing else. Files that it needs are gone when it is disposed of. */
export type RemoteWay = AsyncDisposable & {
  url: string;
  config: GitConfig;
  env: Record<string, string>;
  /** Lines of known_hosts, with what has been added at a first use. */
  hostKeys(): Promise<string | null>;
};

const PORT = { https: 443, http: 80, ssh: 22 };
const CONNECT_SECONDS = 15;
/** Slower than this for so long: the host has stalled. */
const STALL = { bytesPerSecond: 500, seconds: 60 };

/** In force whatever the address: one protocol alone, nothing that leads elsewhere, objects looked at before they are kept. */
const ALWAYS: GitConfig = {
  'protocol.allow': 'never',
  'protocol.version': '2',
  'http.followRedirects': 'false',
  'http.lowSpeedLimit': String(STALL.bytesPerSecond),
  'http.lowSpeedTime': String(STALL.seconds),
  'http.saveCookies': 'false',
  'http.delegation': 'none',
  'http.proxy': '',
  'credential.helper': '',
  'transfer.credentialsInUrl': 'die',
  'transfer.fsckObjects': 'true',
  ...forgiven('fetch'),
  'fetch.recurseSubmodules': 'false',
  'push.recurseSubmodules': 'no',
  'push.gpgSign': 'false',
};

/** Ways to hosts: each use asks anew where the name leads, and git gets the addresses that were checked, not the name. */
export class RemoteWays {
  constructor(
    private readonly addresses: OutboundAddresses,
    private readonly files: PrivateFiles,
  ) {}

  /** @throws DomainError when the host must not be reached */
  async open(connection: HostConnection): Promise<RemoteWay> {
    const { url, credential } = connection;
    const host = await this.addresses.resolve(url.hostname);
    if (url.scheme === 'http' && credential.kind !== 'none' && !host.vouched) throw plainHttp(url.hostname);
    return url.scheme === 'ssh' ? this.overSsh(connection, host) : this.overHttp(connection, host);
  }

  private overHttp({ url, credential }: HostConnection, { addresses }: CheckedHost): RemoteWay {
    const config: GitConfig = { ...ALWAYS, [`protocol.${url.scheme}.allow`]: 'always' };
    if (isIP(url.hostname.replace(/^\[|\]$/g, '')) === 0)
      config['http.curloptResolve'] = `${url.hostname}:${url.port ?? PORT[url.scheme]}:${addresses.map(bracketed).join(',')}`;
    return {
      url: formatRepositoryUrl(url),
      config,
      env: { GIT_ASKPASS: '/bin/false', ...this.answers(credential), ...this.files.mark },
      hostKeys: async () => null,
      [Symbol.asyncDispose]: async () => undefined,
    };
  }

  private answers(credential: Credential): Record<string, string> {
    if (credential.kind !== 'token' && credential.kind !== 'password') return {};
    const password = credential.kind === 'token' ? credential.token : credential.password;
    return { GIT_ASKPASS: this.files.askpass, SLIPWAY_GIT_USERNAME: credential.username, SLIPWAY_GIT_PASSWORD: password };
  }

  private async overSsh({ url, credential, hostKeys }: HostConnection, { addresses }: CheckedHost): Promise<RemoteWay> {
    const folder = await this.files.folder();
    const known = await folder.write('known_hosts', hostKeys ?? '');
    const key = credential.kind === 'ssh_key' ? await folder.write('key', credential.privateKey) : null;
    const options = sshOptions({ address: addresses[0] ?? '', hostname: url.hostname, known, key, firstUse: hostKeys === null });
    return {
      url: formatRepositoryUrl(url),
      config: { ...ALWAYS, 'protocol.ssh.allow': 'always', 'ssh.variant': 'ssh' },
      env: {
        GIT_SSH_COMMAND: ['ssh', '-F', '/dev/null', ...options.flatMap((option) => ['-o', quoted(option)])].join(' '),
        ...this.files.mark,
      },
      hostKeys: async () => (await readFile(known, 'utf8')) || null,
      [Symbol.asyncDispose]: () => disposeOf(folder),
    };
  }
}

type SshUse = { address: string; hostname: string; known: string; key: string | null; firstUse: boolean };

/** No configuration, agent or key of the machine, no question, no forwarding; the host's key under the name that people know. */
function sshOptions({ address, hostname, known, key, firstUse }: SshUse): string[] {
  return [
    `HostName=${address}`,
    `HostKeyAlias=${hostname}`,
    `UserKnownHostsFile="${known}"`,
    'GlobalKnownHostsFile=/dev/null',
    `StrictHostKeyChecking=${firstUse ? 'accept-new' : 'yes'}`,
    'UpdateHostKeys=no',
    'HashKnownHosts=no',
    'CheckHostIP=no',
    'VerifyHostKeyDNS=no',
    'CanonicalizeHostname=no',
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    `IdentityFile=${key === null ? 'none' : `"${key}"`}`,
    `PreferredAuthentications=${key === null ? 'none' : 'publickey'}`,
    'ForwardAgent=no',
    'ClearAllForwardings=yes',
    'PermitLocalCommand=no',
    'ProxyCommand=none',
    'ControlPath=none',
    'RequestTTY=no',
    `ConnectTimeout=${CONNECT_SECONDS}`,
    'ServerAliveInterval=15',
    'ServerAliveCountMax=4',
  ];
}

/** For the shell through which git starts ssh. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
const bracketed = (address: string) => (address.includes(':') ? `[${address}]` : address);
const disposeOf = async (folder: PrivateFolder) => folder[Symbol.asyncDispose]();

const plainHttp = (hostname: string) =>
  new DomainError(
    'bad_input',
    'plain_http',
    `Over http:// anybody on the network path could read the credential for ${hostname}. Use https://, or ssh with a key.`,
  );
