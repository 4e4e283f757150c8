import type { Database, Tx } from '../../../platform/database.js';
import { manyEach } from '../../../platform/graphql/batch.js';
import type { GraphContext } from '../../../platform/http/context.js';
import { type BranchRule, bySpecificity, ruleFor } from './branch-rule.js';

const COLUMNS = `id, repository_id as "repositoryId", pattern, push_role as "pushRole", allow_force as "allowForce",
  allow_delete as "allowDelete", required_jobs as "requiredJobs", environments`;

export async function rulesOf(tx: Pick<Tx, 'query'>, repositoryId: string): Promise<BranchRule[]> {
  return (await tx.query<BranchRule>(`select ${COLUMNS} from branch_rules where repository_id = $1`, [repositoryId])).sort(bySpecificity);
}

export async function ruleOfBranch(tx: Pick<Tx, 'query'>, repositoryId: string, branch: string): Promise<BranchRule | undefined> {
  return ruleFor(await rulesOf(tx, repositoryId), branch);
}

/** Read models of branch rules. */
export class BranchRuleQueries {
  constructor(private readonly db: Database) {}

  async byId(id: string): Promise<BranchRule | null> {
    return (await this.db.query<BranchRule>(`select ${COLUMNS} from branch_rules where id = $1`, [id]))[0] ?? null;
  }

  /** The most specific first: the first that matches applies. */
  ofRepository(context: GraphContext, repositoryId: string): Promise<BranchRule[]> {
    return context
      .loader<string, BranchRule[]>('rulesOfRepository', async (ids) => {
        const rows = await this.db.query<BranchRule>(`select ${COLUMNS} from branch_rules where repository_id = any($1)`, [ids]);
        return manyEach(ids, rows.sort(bySpecificity), (row) => row.repositoryId);
      })
      .load(repositoryId);
  }

  async ofBranch(context: GraphContext, repositoryId: string, branch: string): Promise<BranchRule | null> {
    return ruleFor(await this.ofRepository(context, repositoryId), branch) ?? null;
  }
}
