import type { Tx } from '../../platform/database.js';
import { DomainError, notFound } from '../../platform/errors.js';
import { jsonb } from '../../platform/storable.js';
import type { HostSoftware } from '../code-hosts/host-kinds.js';
import { formatRepositoryUrl, type RepositoryUrl, repositoryKey } from '../repositories/repository-url.js';
import { type ConnectDeps, refuseSecond } from './add-repository.js';
import { belongsTo } from './api-url.js';
import type { CredentialInput } from './credential.js';
import { isSameHost } from './host-mirrors.js';
import type { Mirror } from './mirror-store.js';
import { apiUrlOf, type ConnectionPlan, look, planConnection, pollEveryMs, readUrl, refuseOddAddress } from './plan-connection.js';

/** What is left out stays as it is. */
export type ConnectionChange = {
  url?: string | null | undefined;
  credential?: CredentialInput | null | undefined;
  host?: HostSoftware | null | undefined;
  /** Empty: none. */
  apiUrl?: string | null | undefined;
  /** 0: never. */
  pollEverySeconds?: number | null | undefined;
};

type Changed = { plan: ConnectionPlan; hostKeys: string | null; asked: boolean };

/**
 * Another address or credential is tried before it is stored. A stored credential goes nowhere but where it was given for:
 * with another host it has to be given again, or whoever may change the address could have it sent to themselves.
 */
export async function changeConnection(deps: ConnectDeps, repositoryId: string, change: ConnectionChange, userId: string): Promise<void> {
  const mirror = await deps.mirrors.find(repositoryId);
  if (!mirror) throw notExternal();
  const every = change.pollEverySeconds == null ? undefined : pollEveryMs(change.pollEverySeconds);
  const plan = await planOf(deps, mirror, change);
  const asked = change.url != null || change.credential != null;
  const pinned = isSameHost(plan.url, mirror.connection.url) ? mirror.connection.hostKeys || null : null;
  const seen = asked ? await look(deps.git, { url: plan.url, credential: plan.credential, hostKeys: pinned }, plan.newKey) : null;
  const changed = { plan, hostKeys: seen?.hostKeys ?? pinned, asked };
  await deps.db.transaction(async (tx) => {
    await store(tx, deps, repositoryId, changed);
    if (every !== undefined) await setPolling(tx, repositoryId, every);
    await note(tx, repositoryId, 'connection_changed', userId, { url: formatRepositoryUrl(plan.url), credential: plan.credential.kind });
    await deps.ports.requestFetch(tx, repositoryId);
    tx.afterCommit(() => deps.changed(repositoryId));
  });
}

async function planOf(deps: ConnectDeps, mirror: Mirror, change: ConnectionChange): Promise<ConnectionPlan> {
  const url = change.url == null ? mirror.connection.url : readUrl(change.url);
  const host = change.host ?? mirror.host;
  const moved = change.url != null || change.host != null;
  if (moved) refuseOddAddress(host, url);
  const apiUrl = change.apiUrl == null && !moved ? mirror.apiUrl : apiUrlOf(change.apiUrl, host, url);
  if (change.credential) {
    const plan = await planConnection(deps.files, {
      url: formatRepositoryUrl(url),
      credential: change.credential,
      host,
      apiUrl: apiUrl ?? '',
    });
    return plan;
  }
  refuseLeak(mirror, url, apiUrl);
  return { url, host, apiUrl, credential: mirror.connection.credential, newKey: false };
}

function refuseLeak({ connection, apiUrl: before }: Mirror, url: RepositoryUrl, apiUrl: string | null): void {
  const { kind } = connection.credential;
  if (kind === 'none') return;
  const elsewhere = apiUrl !== null && apiUrl !== before && kind !== 'ssh_key' && !belongsTo(apiUrl, url);
  if (!isSameHost(url, connection.url) || elsewhere)
    throw new DomainError(
      'bad_input',
      'credential_needed',
      'The stored credential is for another host. Give the credential for this one too.',
    );
}

async function store(tx: Tx, deps: ConnectDeps, repositoryId: string, { plan, hostKeys }: Changed): Promise<void> {
  const key = repositoryKey(plan.url);
  const [row] = await tx.query<{ projectId: string }>(
    'select p.id as "projectId" from repositories r join projects p on p.id = r.project_id where r.id = $1 for update of p',
    [repositoryId],
  );
  if (!row) throw notFound('repository', repositoryId);
  await refuseSecond(tx, row.projectId, key, repositoryId);
  await tx.query('update repositories set address_key = $2 where id = $1', [repositoryId, key]);
  const { kind, username, sealed, publicKey } = deps.mirrors.sealCredential(repositoryId, plan.credential);
  await tx.query(
    `update mirrors set url = $2, host = $3, api_url = $4, credential_kind = $5, username = $6, credential = $7, public_key = $8, ssh_host_keys = $9
     where repository_id = $1`,
    [repositoryId, formatRepositoryUrl(plan.url), plan.host, plan.apiUrl, kind, username, sealed, publicKey, hostKeys],
  );
  tx.changed('repository', repositoryId);
}

async function setPolling(tx: Tx, repositoryId: string, everyMs: number | null): Promise<void> {
  await tx.query('update mirrors set poll_every_ms = $2 where repository_id = $1', [repositoryId, everyMs]);
}

export async function note(tx: Tx, repositoryId: string, event: string, userId: string, details: object): Promise<void> {
  await tx.query(`insert into history (thing, thing_id, event, by_user, details) values ('repository', $1, $2, $3, $4)`, [
    repositoryId,
    event,
    userId,
    jsonb(details),
  ]);
}

export const notExternal = () =>
  new DomainError('conflict', 'not_external', 'This repository is hosted by Slipway itself, so there is no code host to connect to.');
