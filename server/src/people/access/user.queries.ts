import type { Database } from '../../platform/database.js';
import { oneEach } from '../../platform/graphql/batch.js';
import type { GraphContext } from '../../platform/http/context.js';

export type UserView = { id: string; name: string; email: string; isAdmin: boolean; hasPassword: boolean };

/** Read models of people. */
export class UserQueries {
  constructor(private readonly database: Database) {}

  async byIds(ids: readonly string[]): Promise<(UserView | null)[]> {
    const rows = await this.database.query<UserView>(
      `select id, name, email, is_admin as "isAdmin", password_hash is not null as "hasPassword" from users where id = any($1)`,
      [ids],
    );
    return oneEach(ids, rows, (row) => row.id);
  }

  /** Batched with all others of the request; for fields like `triggeredBy`. null when the id is. */
  async load(context: GraphContext, id: string | null): Promise<UserView | null> {
    return id === null ? null : context.loader('user', (ids: readonly string[]) => this.byIds(ids)).load(id);
  }
}
