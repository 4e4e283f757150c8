import { DomainError } from '../../../platform/errors.js';
import { type BranchRule, whoMayPush } from './branch-rule.js';

const WHY = {
  push: (rule: BranchRule) => `${whoMayPush(rule)}. Push to another branch and merge that`,
  merge: ({ pushRole }: BranchRule) =>
    `only somebody with the role of ${pushRole ?? 'developer'} or above may merge into it. Ask one to do it`,
  delete: () => 'it may not be deleted. An administrator of the project can change the rule',
};

/** What, why and what now, for who was stopped by a branch rule. */
export const ruleForbids = (rule: BranchRule, branch: string, what: keyof typeof WHY) =>
  new DomainError('forbidden', 'branch_rule', `The branch rule "${rule.pattern}" protects "${branch}": ${WHY[what](rule)}.`, {
    pattern: rule.pattern,
  });
