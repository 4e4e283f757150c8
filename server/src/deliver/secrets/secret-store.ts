import type { Database, Tx } from '../../platform/database.js';
import { DomainError, notFound } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import { jsonb } from '../../platform/storable.js';
import type { SecretRef } from '../environments/environment.js';
import { checkSecret, checkSecretName, type SecretPlace } from './secret.js';
import { type SecretCipher, SecretUnreadable } from './secret-cipher.js';

export type SecretInfo = { name: string; version: number; createdAt: Date };
export type SecretScope = { projectId: string; environmentId: string | null };

type SealedSecret = SecretPlace & { secretId: string; ciphertext: Buffer };

const SCOPE = `project_id = $1 and environment_id is not distinct from $2`;
const SEALED = `select id as "secretId", project_id as "projectId", environment_id as "environmentId", name, version, ciphertext from secrets`;
/** Serialises the making of versions; the second key is the scope. */
const VERSION_LOCK = 7_303;

/** The installation's key is not the one with which this database's secrets were sealed. */
export class OtherKey extends Error {
  override name = 'OtherKey';
}

/**
 * Secrets: they can be written and are given to what names them, but are never shown. An environment's own secret takes precedence over the project's
 * secret of the same name.
 */
export class SecretStore {
  constructor(
    private readonly database: Database,
    private readonly cipher: SecretCipher,
  ) {}

  /** Called before anything is sealed with a key that can't open the existing secrets. @throws OtherKey */
  async refuseOtherKey(): Promise<void> {
    const [oldest] = await this.database.query<SealedSecret>(`${SEALED} order by id limit 1`);
    try {
      if (oldest) this.cipher.open(oldest, oldest.ciphertext);
    } catch (error) {
      if (!(error instanceof SecretUnreadable)) throw error;
      throw new OtherKey(
        'The secrets in the database were sealed with another key than the one in this data folder (secret-key). Restore that file from a backup, or delete the secrets (delete from secrets) and set them again.',
        { cause: error },
      );
    }
  }

  /** A new version; what runs keeps the version it was deployed with. */
  set(scope: SecretScope, name: string, value: string, userId: string): Promise<SecretInfo> {
    checkSecret(name, value);
    return this.database.transaction(async (tx) => {
      await lockScope(tx, scope);
      const [newest] = await tx.query<{ version: number }>(
        `select coalesce(max(version), 0)::int as version from secrets where ${SCOPE} and name = $3`,
        [scope.projectId, scope.environmentId, name],
      );
      const place: SecretPlace = { ...scope, name, version: (newest?.version ?? 0) + 1 };
      const id = newId();
      const [made] = await tx.query<SecretInfo>(
        `insert into secrets (id, project_id, environment_id, name, version, ciphertext, created_by) values ($1, $2, $3, $4, $5, $6, $7)
         returning name, version, created_at as "createdAt"`,
        [id, scope.projectId, scope.environmentId, name, place.version, this.cipher.seal(place, value), userId],
      );
      await record(tx, id, 'written', userId, place);
      await forgetUnused(tx, scope, name);
      changed(tx, scope);
      return made as SecretInfo;
    });
  }

  /** New jobs and deployments no longer get it; versions that a deployment used stay, sealed, for as long as a rollback could need them. */
  delete(scope: SecretScope, name: string, userId: string): Promise<void> {
    checkSecretName(name);
    return this.database.transaction(async (tx) => {
      await lockScope(tx, scope);
      const deleted = await tx.query<{ id: string; version: number }>(
        `update secrets set deleted_at = clock_timestamp() where ${SCOPE} and name = $3 and deleted_at is null returning id, version`,
        [scope.projectId, scope.environmentId, name],
      );
      const newest = deleted.sort((a, b) => b.version - a.version)[0];
      if (!newest) throw notFound('secret', name);
      await record(tx, newest.id, 'deleted', userId, { ...scope, name, version: newest.version });
      await forgetUnused(tx, scope, name);
      changed(tx, scope);
    });
  }

  /** The newest versions that something in this place gets, by name. `null`: for jobs, which belong to no environment. */
  refs(tx: Pick<Tx, 'query'>, projectId: string, environmentId: string | null): Promise<SecretRef[]> {
    return tx.query<SecretRef>(
      `select distinct on (name) id as "secretId", name, environment_id as "environmentId", version from secrets
       where project_id = $1 and (environment_id is null or environment_id = $2) and deleted_at is null
       order by name, environment_id nulls last, version desc`,
      [projectId, environmentId],
    );
  }

  /** Values by name of the newest versions; names that nothing is stored under are left out. */
  async secretsFor(
    tx: Pick<Tx, 'query'>,
    projectId: string,
    environmentId: string | null,
    names: readonly string[] | 'all',
  ): Promise<Record<string, string>> {
    if (names.length === 0) return {};
    const refs = await this.refs(tx, projectId, environmentId);
    return this.open(
      tx,
      refs.filter((ref) => names === 'all' || names.includes(ref.name)),
    );
  }

  /** Values of exactly these versions, by name. */
  async open(tx: Pick<Tx, 'query'>, refs: readonly SecretRef[]): Promise<Record<string, string>> {
    if (refs.length === 0) return {};
    const sealed = await tx.query<SealedSecret>(`${SEALED} where id = any($1)`, [refs.map((ref) => ref.secretId)]);
    const found = new Map(sealed.map((secret) => [secret.secretId, secret]));
    return Object.fromEntries(refs.map((ref) => [ref.name, this.openOne(ref, found.get(ref.secretId))]));
  }

  private openOne(ref: SecretRef, sealed: SealedSecret | undefined): string {
    if (sealed) return this.cipher.open(sealed, sealed.ciphertext);
    throw new DomainError(
      'conflict',
      'secret_gone',
      `Version ${ref.version} of secret "${ref.name}" is no longer stored. Set it again, then deploy again.`,
    );
  }
}

const lockScope = (tx: Tx, scope: SecretScope) =>
  tx.query('select pg_advisory_xact_lock($1, hashtext($2))', [VERSION_LOCK, `${scope.projectId}/${scope.environmentId}`]);

/** Old and deleted versions that no deployment refers to. */
async function forgetUnused(tx: Tx, scope: SecretScope, name: string): Promise<void> {
  await tx.query(
    `delete from secrets s where ${SCOPE} and name = $3
       and (deleted_at is not null or version < (select max(version) from secrets n where n.${SCOPE.replace('and ', 'and n.')} and n.name = $3))
       and not exists (select 1 from deployments d where d.project_id = $1
         and d.configuration->'secrets' @> jsonb_build_array(jsonb_build_object('secretId', s.id)))`,
    [scope.projectId, scope.environmentId, name],
  );
}

async function record(tx: Tx, id: string, event: 'written' | 'deleted', userId: string, place: SecretPlace): Promise<void> {
  await tx.query(`insert into history (thing, thing_id, event, by_user, details) values ('secret', $1, $2, $3, $4)`, [
    id,
    event,
    userId,
    jsonb(place),
  ]);
}

function changed(tx: Tx, scope: SecretScope): void {
  if (scope.environmentId) tx.changed('environment', scope.environmentId);
  else tx.changed('project', scope.projectId);
}
