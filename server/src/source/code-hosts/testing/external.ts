import type { Database } from '../../../platform/database.js';
import { aRepository } from '../../../testing/builders.js';
import type { HostApi } from '../host-api.js';

/** A repository at a code host, as rows. */
export async function anExternalRepository(database: Database, api: HostApi) {
  const at = await aRepository(database);
  await database.query(`update repositories set kind = 'external', default_branch = 'main' where id = $1`, [at.repositoryId]);
  await database.query(
    `insert into mirrors (repository_id, url, host, api_url, credential_kind, webhook_secret) values ($1, $2, $3, $4, 'token', '')`,
    [at.repositoryId, `https://host.test/${api.path}.git`, api.host, api.apiUrl],
  );
  return at;
}
