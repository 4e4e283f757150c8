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
  const source = await sourceOf(tx, releaseId);
  if (!source) return null;
  for (const { pattern, environments } of judgesOf(await rulesOf(tx, source.repositoryId), source))
    if (environments && !environments.includes(environment))
      return { reason: 'branch_rule', message: messageOf(source.branch, pattern, environments, environment) };
  return null;
}

/**
 * Whether a rule lets a release go to an environment that nobody known asks for; null: one does, by naming the environment. What holds for a
 * branch holds for a tag only where the rule lets every developer push and no branch goes by it: a host that protects the branch `main`
 * still lets anybody push a tag `main`.
 */
export async function entryRefusal(
  tx: Pick<Tx, 'query'>,
  releaseId: string,
  environment: string,
): Promise<{ reason: 'rule_missing'; message: string } | null> {
  const source = await sourceOf(tx, releaseId);
  if (!source) throw new Error(`Release ${releaseId} is gone.`);
  const judges = judgesOf(await rulesOf(tx, source.repositoryId), source);
  const last = judges.at(-1);
  const named = judges.every(({ environments }) => environments?.includes(environment));
  if (last && named && (!source.isTag || (await isForTags(tx, last)))) return null;
  return { reason: 'rule_missing', message: missingMessage(source, environment) };
}

async function isForTags(tx: Pick<Tx, 'query'>, rule: BranchRule): Promise<boolean> {
  if (rule.pushRole !== 'developer') return false;
  const branches = await tx.query<{ name: string }>('select name from branches where repository_id = $1', [rule.repositoryId]);
  return !branches.some(({ name }) => ruleFor([rule], name));
}

async function sourceOf(tx: Pick<Tx, 'query'>, releaseId: string): Promise<Source | undefined> {
  const [source] = await tx.query<Source>(
    `select l.repository_id as "repositoryId", l.branch, coalesce(u.ref like 'refs/tags/%', false) as "isTag"
     from releases l left join runs u on u.id = l.run_id where l.id = $1`,
    [releaseId],
  );
  return source;
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

function missingMessage({ branch, isTag }: Source, environment: string): string {
  const what = isTag ? `the tag "${branch}"` : `"${branch}"`;
  const rule = isTag
    ? `a pattern for such tags that matches no branch, pushes by developers, and the environment "${environment}"`
    : `the pattern "${branch}" with the environment "${environment}"`;
  return `Slipway does not know who caused this run, so a branch rule has to let ${what} into "${environment}" by name, and none does. An administrator of the project can add one to the rules of the repository: ${rule}. The release exists: until then a deployer can deploy it.`;
}
