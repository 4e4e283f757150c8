import type { Database, Tx } from '../../platform/database.js';
import type { SealedBox } from '../../platform/sealed-box.js';
import type { HostSoftware } from '../code-hosts/host-kinds.js';
import { isBadUrl, parseRepositoryUrl, type RepositoryUrl } from '../repositories/repository-url.js';
import type { Credential, CredentialKind } from './credential.js';
import type { HostConnection } from './remote-way.js';

/** A mirror as its use cases need it: with its credential opened. */
export type Mirror = {
  repositoryId: string;
  host: HostSoftware;
  apiUrl: string | null;
  /** What the connection holds of ssh is the pinned key, never "take any". */
  connection: HostConnection & { hostKeys: string };
  imported: boolean;
};

type Row = {
  url: string;
  host: HostSoftware;
  api_url: string | null;
  credential_kind: CredentialKind;
  username: string | null;
  credential: Buffer | null;
  public_key: string | null;
  ssh_host_keys: string | null;
  imported_at: Date | null;
};

/** Columns of a credential. */
export type SealedCredential = { kind: CredentialKind; username: string | null; sealed: Buffer | null; publicKey: string | null };

/** Rows of mirrors. What is secret in them is sealed for its repository and its kind: moved to another row it does not open. */
export class MirrorStore {
  constructor(
    private readonly db: Database,
    private readonly box: SealedBox,
  ) {}

  /** null: hosted here, or not there. */
  async find(repositoryId: string): Promise<Mirror | null> {
    const [row] = await this.db.query<Row>(
      `select url, host, api_url, credential_kind, username, credential, public_key, ssh_host_keys, imported_at from mirrors where repository_id = $1`,
      [repositoryId],
    );
    if (!row) return null;
    return {
      repositoryId,
      host: row.host,
      apiUrl: row.api_url,
      connection: { url: urlOf(row.url), credential: this.credentialOf(repositoryId, row), hostKeys: row.ssh_host_keys ?? '' },
      imported: row.imported_at !== null,
    };
  }

  sealCredential(repositoryId: string, credential: Credential): SealedCredential {
    const seal = (value: string) => this.box.seal(bindingOf(repositoryId, credential.kind), value);
    switch (credential.kind) {
      case 'none':
        return { kind: 'none', username: null, sealed: null, publicKey: null };
      case 'token':
        return { kind: 'token', username: credential.username, sealed: seal(credential.token), publicKey: null };
      case 'password':
        return { kind: 'password', username: credential.username, sealed: seal(credential.password), publicKey: null };
      case 'ssh_key':
        return { kind: 'ssh_key', username: null, sealed: seal(credential.privateKey), publicKey: credential.publicKey };
    }
  }

  sealWebhookSecret(repositoryId: string, secret: string): Buffer {
    return this.box.seal(bindingOf(repositoryId, 'webhook'), secret);
  }

  async webhookSecret(repositoryId: string): Promise<{ host: HostSoftware; secret: string } | null> {
    const [row] = await this.db.query<{ host: HostSoftware; sealed: Buffer }>(
      'select host, webhook_secret as sealed from mirrors where repository_id = $1',
      [repositoryId],
    );
    return row ? { host: row.host, secret: this.box.open(bindingOf(repositoryId, 'webhook'), row.sealed) } : null;
  }

  /** Raises what is wanted, so that a fetch which has begun already does not count. @returns null for hosted repositories */
  async want(tx: Pick<Tx, 'query'>, repositoryId: string): Promise<bigint | null> {
    const [row] = await tx.query<{ wanted: string }>(
      'update mirrors set wanted = wanted + 1, next_poll_at = clock_timestamp() where repository_id = $1 returning wanted',
      [repositoryId],
    );
    return row ? BigInt(row.wanted) : null;
  }

  private credentialOf(repositoryId: string, row: Row): Credential {
    if (row.credential_kind === 'none' || row.credential === null) return { kind: 'none' };
    const value = this.box.open(bindingOf(repositoryId, row.credential_kind), row.credential);
    if (row.credential_kind === 'ssh_key') return { kind: 'ssh_key', privateKey: value, publicKey: row.public_key ?? '' };
    const username = row.username ?? '';
    return row.credential_kind === 'token' ? { kind: 'token', username, token: value } : { kind: 'password', username, password: value };
  }
}

const bindingOf = (repositoryId: string, kind: CredentialKind | 'webhook') => ['slipway mirror', repositoryId, kind];

function urlOf(text: string): RepositoryUrl {
  const url = parseRepositoryUrl(text);
  if (isBadUrl(url)) throw new Error(`The stored address of a repository can't be read: ${url.message}`);
  return url;
}
