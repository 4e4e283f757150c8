import type { RunTrust } from '../../../build/jobs/accept-attempt.js';
import type { Tx } from '../../../platform/database.js';
import { ruleOfBranch } from './branch-rule.queries.js';

/**
 * Which earlier checkouts a run's jobs may begin with, and who may begin with theirs: runs of refs that the same rule protects, or
 * that none does; of tags among themselves. null: nobody, as for pull requests.
 */
export async function trustClassOf(tx: Pick<Tx, 'query'>, run: RunTrust): Promise<string | null> {
  if (!run.trusted || run.pullRequestId !== null) return null;
  const [, kind, ...name] = run.ref.split('/');
  const rule = await ruleOfBranch(tx, run.repositoryId, name.join('/'));
  return `${kind}:${rule ? `rule ${rule.id}` : 'free'}`;
}
