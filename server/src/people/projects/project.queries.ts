import { validate } from 'uuid';
import type { Database } from '../../platform/database.js';
import { oneEach } from '../../platform/graphql/batch.js';
import type { GraphContext } from '../../platform/http/context.js';

export type ProjectView = { id: string; name: string; createdAt: Date };

const COLUMNS = 'id, name, created_at as "createdAt"';

/** Read models of projects. */
export class ProjectQueries {
  constructor(private readonly database: Database) {}

  async byIds(ids: readonly string[]): Promise<(ProjectView | null)[]> {
    const rows = await this.database.query<ProjectView>(`select ${COLUMNS} from projects where id = any($1)`, [ids]);
    return oneEach(ids, rows, (row) => row.id);
  }

  async byId(id: string): Promise<ProjectView | null> {
    return (await this.byIds([id]))[0] ?? null;
  }

  /** Batched with all others of the request; for fields like `Run.project`. */
  async load(context: GraphContext, id: string): Promise<ProjectView | null> {
    return context.loader('project', (ids: readonly string[]) => this.byIds(ids)).load(id);
  }

  async byName(name: string): Promise<ProjectView | null> {
    const [row] = await this.database.query<ProjectView>(`select ${COLUMNS} from projects where name = $1`, [name]);
    return row ?? null;
  }

  /** As `@Can` takes it: names never look like ids. */
  async byNameOrId(text: string): Promise<ProjectView | null> {
    return validate(text) ? this.byId(text) : this.byName(text);
  }

  /**
   * Up to `first + 1` projects by name, from the one after `afterName`.
   * @param visible ids to choose from; null: all
   */
  page(visible: string[] | null, first: number, afterName: string | null): Promise<ProjectView[]> {
    return this.database.query<ProjectView>(
      `select ${COLUMNS} from projects
       where ($1::uuid[] is null or id = any($1)) and ($2::text is null or name > $2) order by name limit $3`,
      [visible, afterName, first + 1],
    );
  }
}
