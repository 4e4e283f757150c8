import type { Database } from '../../platform/database.js';
import { manyEach } from '../../platform/graphql/batch.js';
import type { SecretInfo } from './secret-store.js';

/** Read models of secrets: that they are there, never what they are. */
export class SecretQueries {
  constructor(private readonly database: Database) {}

  ofEnvironments(ids: readonly string[]): Promise<SecretInfo[][]> {
    return this.newest('environment_id', ids);
  }

  /** Those for every environment and job of a project. */
  ofProjects(ids: readonly string[]): Promise<SecretInfo[][]> {
    return this.newest('project_id', ids);
  }

  private async newest(owner: 'environment_id' | 'project_id', ids: readonly string[]): Promise<SecretInfo[][]> {
    const rows = await this.database.query<SecretInfo & { owner: string }>(
      `select distinct on (${owner}, name) ${owner} as owner, name, version, created_at as "createdAt" from secrets
       where ${owner} = any($1) and deleted_at is null ${owner === 'project_id' ? 'and environment_id is null' : ''} order by ${owner}, name, version desc`,
      [ids],
    );
    return manyEach(ids, rows, (row) => row.owner);
  }
}
