import type { Database } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';
import { type Connection, cursorKey, pageOf } from '../../platform/graphql/connection.js';
import type { GraphContext } from '../../platform/http/context.js';
import type { BranchOrder, BranchType } from './branch.type.js';

/** Rows are plain: the type's fields without its class. */
export type BranchView = { [K in keyof BranchType]: BranchType[K] };
export type BranchList = { first: number; after: string | null; search: string | null; order: BranchOrder };

/** `updatedKey` keeps the microseconds that a Date would lose. */
type Row = BranchView & { updatedKey: string };

const BRANCH = `select b.id, b.name, b.updated_at as "updatedAt", b.updated_at::text as "updatedKey", b.repository_id as "repositoryId",
    b.head_sha as "headSha", b.name is not distinct from r.default_branch as "isDefault", d.head_sha as "defaultSha"
  from branches b join repositories r on r.id = b.repository_id
  left join branches d on d.repository_id = r.id and d.name = r.default_branch`;

/** What a cursor names stays in its place while branches come and go: names in the order of their bytes, or time and id. */
const ORDERS = {
  name: { after: `($3::text is null or b.name collate "C" > $3)`, by: 'b.name collate "C"' },
  updated: {
    after: `($3::text is null or (b.updated_at, b.id) < (split_part($3, ' | ', 1)::timestamptz, split_part($3, ' | ', 2)::uuid))`,
    by: 'b.updated_at desc, b.id desc',
  },
};
const UPDATED_KEY = /^[0-9T:. +-]{10,40} \| [0-9a-f-]{36}$/;

/** Read models of branches. */
export class BranchQueries {
  constructor(private readonly db: Database) {}

  async branches(repositoryId: string, { first, after, search, order }: BranchList): Promise<Connection<BranchView>> {
    const key = cursorKey(after);
    if (order === 'updated' && key !== null && !UPDATED_KEY.test(key)) throw otherOrder();
    const rows = await this.db.query<Row>(
      `${BRANCH} where b.repository_id = $1 and ($2::text is null or position(lower($2) in lower(b.name)) > 0) and ${ORDERS[order].after}
       order by ${ORDERS[order].by} limit $4`,
      [repositoryId, search, key, first + 1],
    );
    return pageOf(rows, first, (row) => (order === 'name' ? row.name : `${row.updatedKey} | ${row.id}`));
  }

  async byName(repositoryId: string, name: string): Promise<BranchView | null> {
    return (await this.db.query<Row>(`${BRANCH} where b.repository_id = $1 and b.name = $2`, [repositoryId, name]))[0] ?? null;
  }

  /** Id of the newest run of a branch. */
  lastRunId(context: GraphContext, branch: BranchView): Promise<string | null> {
    return context
      .loader<string, string | null>('lastRunOfBranch', (keys) => this.lastRuns(keys))
      .load(`${branch.repositoryId} ${branch.name}`);
  }

  private async lastRuns(keys: readonly string[]): Promise<(string | null)[]> {
    const rows = await this.db.query<{ key: string; id: string }>(
      `select k.r || ' ' || k.b as key, run.id
       from unnest($1::uuid[], $2::text[]) as k (r, b),
         lateral (select id from runs where repository_id = k.r and branch = k.b and pull_request_id is null order by id desc limit 1) run`,
      [keys.map((key) => key.slice(0, key.indexOf(' '))), keys.map((key) => key.slice(key.indexOf(' ') + 1))],
    );
    const found = new Map(rows.map((row) => [row.key, row.id]));
    return keys.map((key) => found.get(key) ?? null);
  }
}

const otherOrder = () =>
  new DomainError(
    'bad_input',
    'bad_cursor',
    'This cursor belongs to a list in another order. Leave `after` out to begin with the first page.',
  );
