import type { BranchRuleFactsFragment, PushRole } from '../../generated/graphql.ts';

type Rule = Omit<BranchRuleFactsFragment, 'id'>;

export const PUSH_WORDS: Record<PushRole | 'nobody', string> = {
  nobody: 'nobody pushes, work comes in by merges',
  DEVELOPER: 'developers and above push',
  DEPLOYER: 'deployers and admins push',
  ADMIN: 'only admins push',
};

/** What a rule says, in parts of a sentence. */
export function ruleWords(rule: Rule): string[] {
  return [
    PUSH_WORDS[rule.pushRole ?? 'nobody'],
    rule.allowForce ? 'history may be rewritten' : 'no forced pushes',
    rule.allowDelete ? 'may be deleted' : 'can’t be deleted',
    ...(rule.requiredJobs.length > 0 ? [`a merge needs ${rule.requiredJobs.join(', ')}`] : []),
    ...(rule.environments ? [rule.environments.length > 0 ? `may go to ${rule.environments.join(', ')} only` : 'may not be deployed'] : []),
  ];
}

/**
 * What a pattern fits, by an example, and what it does not. As the server reads them: `*` stays within a slash, `**` does
 * not, `{a,b}` is one of several, `[a-z]` one character.
 */
export function patternExample(pattern: string): string {
  if (!/[*?[{]/.test(pattern)) return pattern ? 'This branch alone.' : '';
  const filled = (star: string) =>
    pattern
      .replace(/\{([^{},]*)[^{}]*\}/g, '$1')
      .replace(/\[!?([^\]])[^\]]*\]/g, '$1')
      .replace(/\*\*\/?/g, (stars) => (stars.endsWith('/') ? '' : 'anything/at-all'))
      .replace(/\*/g, star)
      .replace(/\?/g, 'x');
  if (pattern === '**') return 'Every branch.';
  const staysWithin = /(^|[^*])\*([^*]|$)/.test(pattern);
  return staysWithin ? `Matches ${filled('one')}, not ${filled('one/more')}.` : `Matches ${filled('one')}.`;
}
