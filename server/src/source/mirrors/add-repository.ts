import { checkSlug } from '../../people/projects/slug.js';
import type { Database, Tx } from '../../platform/database.js';
import { DomainError, notFound } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import { newSecret } from '../../platform/secrets.js';
import { jsonb } from '../../platform/storable.js';
import type { RepositoryStore } from '../repositories/repository-store.js';
import { formatRepositoryUrl, repositoryKey } from '../repositories/repository-url.js';
import type { MirrorStore } from './mirror-store.js';
import { type ConnectionInput, type ConnectionPlan, look, planConnection, pollEveryMs, type Seen } from './plan-connection.js';
import type { Mirrors } from './ports.js';
import type { PrivateFiles } from './private-files.js';
import type { RemoteGit } from './remote-git.js';

export type ConnectDeps = {
  db: Database;
  store: RepositoryStore;
  mirrors: MirrorStore;
  ports: Pick<Mirrors, 'requestFetch'>;
  files: PrivateFiles;
  git: RemoteGit;
  /** Another address or credential is stored. */
  changed(repositoryId: string): void;
};

export type NewExternal = ConnectionInput & { project: string; name: string; pollEverySeconds?: number | null | undefined };

type Made = { id: string; plan: ConnectionPlan; seen: Seen; userId: string; pollEveryMs: number | null };

/**
 * An external repository: looked at, then stored with the host's key as it was seen, and wanted at once. As with hosted ones the
 * folder comes before the row.
 * @returns the id of the new repository
 * @throws DomainError also when the host can't be reached or lets nobody in; with a new ssh key only when it can't be reached
 */
export async function addRepository(deps: ConnectDeps, input: NewExternal, userId: string): Promise<string> {
  checkSlug('repository', input.name);
  const every = pollEveryMs(input.pollEverySeconds);
  const plan = await planConnection(deps.files, input);
  const seen = await look(deps.git, { url: plan.url, credential: plan.credential, hostKeys: null }, plan.newKey);
  const id = newId();
  await deps.store.init(id);
  try {
    await deps.db.transaction((tx) => insert(tx, deps, input, { id, plan, seen, userId, pollEveryMs: every }));
  } catch (error) {
    await deps.store.remove(id);
    throw error;
  }
  return id;
}

async function insert(tx: Tx, deps: ConnectDeps, { project, name }: NewExternal, made: Made): Promise<void> {
  const { id, plan, userId } = made;
  const [found] = await tx.query<{ id: string }>('select id from projects where id::text = $1 or name = $1 for update', [project]);
  if (!found) throw notFound('project', project);
  const key = repositoryKey(plan.url);
  await refuseSecond(tx, found.id, key, null);
  const [row] = await tx.query(
    `insert into repositories (id, project_id, name, kind, address_key, default_branch) values ($1, $2, $3, 'external', $4, null)
     on conflict (project_id, name) do nothing returning id`,
    [id, found.id, name, key],
  );
  if (!row) throw nameTaken(name);
  await insertMirror(tx, deps.mirrors, made);
  await tx.query(`insert into history (thing, thing_id, event, by_user, details) values ('repository', $1, 'created', $2, $3)`, [
    id,
    userId,
    jsonb({ url: formatRepositoryUrl(plan.url) }),
  ]);
  await deps.ports.requestFetch(tx, id);
  tx.changed('project', found.id);
}

async function insertMirror(tx: Tx, mirrors: MirrorStore, { id, plan, seen, pollEveryMs: every }: Made): Promise<void> {
  const { kind, username, sealed, publicKey } = mirrors.sealCredential(id, plan.credential);
  await tx.query(
    `insert into mirrors (repository_id, url, host, api_url, credential_kind, username, credential, public_key, ssh_host_keys, webhook_secret, poll_every_ms)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      id,
      formatRepositoryUrl(plan.url),
      plan.host,
      plan.apiUrl,
      kind,
      username,
      sealed,
      publicKey,
      seen.hostKeys,
      mirrors.sealWebhookSecret(id, newSecret()),
      every,
    ],
  );
}

/** Two mirrors of one repository in a project would build each commit twice. The project's row is locked. */
export async function refuseSecond(tx: Tx, projectId: string, key: string, but: string | null): Promise<void> {
  const [same] = await tx.query<{ name: string }>(
    'select name from repositories where project_id = $1 and address_key = $2 and id is distinct from $3',
    [projectId, key, but],
  );
  if (same)
    throw new DomainError(
      'conflict',
      'address_exists',
      `The repository "${same.name}" of this project already has that address. Use that one, or give another address.`,
    );
}

const nameTaken = (name: string) =>
  new DomainError('conflict', 'repository_exists', `The project already has a repository "${name}". Choose another name.`);
