import { Link } from 'react-router';
import { addressOf } from '../../domain/addresses.ts';

type RulesLinkProps = { reason: string | null | undefined; project: string; repository: string | undefined };

/** Reasons that a change of a branch rule can fix: a rule that forbids the environment, or one that would have to allow the branch. */
const OF_RULES = new Set(['branch_rule', 'rule_missing']);

/** Where one changes what refused a deployment; nothing where it was something else. */
export function RulesLink({ reason, project, repository }: RulesLinkProps) {
  if (!reason || !OF_RULES.has(reason) || !repository) return null;
  return <Link to={addressOf.branchRules(project, repository)}>Branch rules of {repository}</Link>;
}
