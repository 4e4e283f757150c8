import type { Tx } from '../../../platform/database.js';
import { ruleOfBranch } from './branch-rule.queries.js';

type Source = { repositoryId: string; branch: string };

/**
 * Whether the rules let a release go to an environment; null: they do. Of a tag, its name counts as a branch's would: else a tag on
 * any commit would be a way around the rules.
 */
export async function environmentRefusal(
  tx: Pick<Tx, 'query'>,
  releaseId: string,
  environment: string,
): Promise<{ reason: 'branch_rule'; message: string } | null> {
  const [source] = await tx.query<Source>('select repository_id as "repositoryId", branch from releases where id = $1', [releaseId]);
  const rule = source && (await ruleOfBranch(tx, source.repositoryId, source.branch));
  if (!rule?.environments || rule.environments.includes(environment)) return null;
  return { reason: 'branch_rule', message: messageOf(source?.branch ?? '', rule.pattern, rule.environments, environment) };
}

function messageOf(branch: string, pattern: string, allowed: string[], environment: string): string {
  const where = allowed.length === 0 ? 'nowhere' : `only to ${allowed.map((name) => `"${name}"`).join(', ')}`;
  return `The branch rule "${pattern}" lets commits of "${branch}" go ${where}, so not to "${environment}". Deploy from another branch, or have an administrator of the project change the rule.`;
}
