import { IconShieldLock } from '@tabler/icons-react';
import type { BranchRuleFactsFragment } from '../../generated/graphql.ts';
import css from './branches.module.css';
import { ruleWords } from './rule-words.ts';

/** Shows that a rule applies to a branch, with its content on hover. */
export function ProtectedMark({ rule }: { rule: BranchRuleFactsFragment }) {
  const words = `Rule ${rule.pattern}: ${ruleWords(rule).join('; ')}`;
  return (
    <span className={css.shield} role="img" aria-label={words} title={words}>
      <IconShieldLock size={15} aria-hidden="true" />
    </span>
  );
}
