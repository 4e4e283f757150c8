import type { Tx } from '../../../platform/database.js';
import { type BranchRule, ruleFor, rulesForTag } from './branch-rule.js';
import { rulesOf } from './branch-rule.queries.js';

type Source = { repositoryId: string; branch: string; isTag: boolean };

/**
 * Whether the rules let a release go to an environment; null: they do. Of a tag, its name counts as a branch's would: else a tag on
 * any commit would be a way around the rules.
 */
export async function environmentRefusal(
  tx: Pick<Tx, 'query'>,
  releaseId: string,
  environment: string,
): Promise<{ reason: 'branch_rule'; message: string } | null> {
  const [source] = await tx.query<Source>(
    `select l.repository_id as "repositoryId", l.branch, coalesce(u.ref like 'refs/tags/%', false) as "isTag"
     from releases l left join runs u on u.id = l.run_id where l.id = $1`,
    [releaseId],
  );
  if (!source) return null;
  for (const { pattern, environments } of judgesOf(await rulesOf(tx, source.repositoryId), source))
    if (environments && !environments.includes(environment))
      return { reason: 'branch_rule', message: messageOf(source.branch, pattern, environments, environment) };
  return null;
}

function judgesOf(rules: readonly BranchRule[], { branch, isTag }: Source): BranchRule[] {
  if (isTag) return rulesForTag(rules, branch);
  const rule = ruleFor(rules, branch);
  return rule ? [rule] : [];
}

function messageOf(branch: string, pattern: string, allowed: string[], environment: string): string {
  const where = allowed.length === 0 ? 'nowhere' : `only to ${allowed.map((name) => `"${name}"`).join(', ')}`;
  return `The branch rule "${pattern}" lets commits of "${branch}" go ${where}, so not to "${environment}". Deploy from another branch, or have an administrator of the project change the rule.`;
}
