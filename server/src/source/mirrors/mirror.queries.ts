import type { Database } from '../../platform/database.js';
import { oneEach } from '../../platform/graphql/batch.js';
import type { HostSoftware } from '../code-hosts/host-kinds.js';
import type { CredentialKind } from './credential.js';

export type MirrorView = {
  repositoryId: string;
  url: string;
  host: HostSoftware;
  apiUrl: string | null;
  credentialKind: CredentialKind;
  username: string | null;
  publicKey: string | null;
  hostKeys: string | null;
  pollEveryMs: number | null;
  /** Under way, or wanted and about to begin. */
  fetching: boolean;
  fetchedAt: Date | null;
  failingSince: Date | null;
  errorCode: string | null;
  errorMessage: string | null;
  /** A sentence on branches and tags of the host that can't be kept here. */
  leftOut: string | null;
  nextFetchAt: Date | null;
  lastDeliveryAt: Date | null;
};

const VIEW = `select repository_id as "repositoryId", url, host, api_url as "apiUrl", credential_kind as "credentialKind", username,
    public_key as "publicKey", ssh_host_keys as "hostKeys", poll_every_ms as "pollEveryMs",
    (coalesce(fetcher_until > clock_timestamp(), false) or (wanted > served and failing_since is null)) as fetching,
    fetched_at as "fetchedAt", failing_since as "failingSince", error_code as "errorCode", error_message as "errorMessage", left_out as "leftOut",
    next_poll_at as "nextFetchAt", last_delivery_at as "lastDeliveryAt"
  from mirrors`;

/** Read models of mirrors; nothing sealed is among them. */
export class MirrorQueries {
  constructor(private readonly db: Database) {}

  /** null for hosted repositories. */
  async ofRepositories(ids: readonly string[]): Promise<(MirrorView | null)[]> {
    const rows = await this.db.query<MirrorView>(`${VIEW} where repository_id = any($1)`, [ids]);
    return oneEach(ids, rows, (row) => row.repositoryId);
  }
}
