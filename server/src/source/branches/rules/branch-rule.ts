import { matchesAny, shorten } from '@slipway/protocol';
import { ENVIRONMENT_NAME, ENVIRONMENT_NAME_RULE, JOB_NAME, JOB_NAME_RULE } from '../../../build/pipelines/names.js';
import type { Role } from '../../../people/access/actor.js';
import { DomainError } from '../../../platform/errors.js';

export type PushRole = Exclude<Role, 'viewer'>;

/** What applies to the branches that a pattern matches. */
export type BranchRule = {
  id: string;
  repositoryId: string;
  pattern: string;
  /** The lowest role that may push; null: nobody, changes come in by merges only. */
  pushRole: PushRole | null;
  allowForce: boolean;
  allowDelete: boolean;
  /** Jobs that must have succeeded at a commit before it is merged. */
  requiredJobs: string[];
  /** null: any. */
  environments: string[] | null;
};

export type BranchRuleSettings = Omit<BranchRule, 'id' | 'repositoryId'>;

const RANK: Record<Role, number> = { viewer: 0, developer: 1, deployer: 2, admin: 3 };

/** As in the "on" of pipelines. hooks/check-branch-rules.mjs asks the same. */
const fits = (pattern: string, branch: string): boolean => pattern === branch || matchesAny(branch, [pattern]);

/** The most specific first: an exact name before a pattern, then the pattern with more letters. */
export function bySpecificity(a: { pattern: string }, b: { pattern: string }): number {
  return weightOf(b.pattern) - weightOf(a.pattern) || (a.pattern < b.pattern ? -1 : 1);
}

function weightOf(pattern: string): number {
  const letters = pattern.replace(/[*?[\]]/g, '').length;
  return letters === pattern.length ? Number.MAX_SAFE_INTEGER : letters;
}

/** The one rule that applies to a branch: the most specific of those that match. undefined: there is none. */
export function ruleFor<T extends { pattern: string }>(rules: readonly T[], branch: string): T | undefined {
  return rules.toSorted(bySpecificity).find(({ pattern }) => fits(pattern, branch));
}

/**
 * The rules that all have to let a tag go somewhere: of those that fit its name, down to the first that lets every developer push.
 * Any developer can make a tag of any name, so what a rule opens to a branch that it keeps for others it does not open to a tag.
 */
export function rulesForTag<T extends Pick<BranchRule, 'pattern' | 'pushRole'>>(rules: readonly T[], tag: string): T[] {
  const fitting = rules.toSorted(bySpecificity).filter(({ pattern }) => fits(pattern, tag));
  const open = fitting.findIndex(({ pushRole }) => pushRole === 'developer');
  return open === -1 ? fitting : fitting.slice(0, open + 1);
}

export const roleSuffices = (needed: Role, role: Role | null): boolean => role !== null && RANK[role] >= RANK[needed];

/** Without a rule, everybody who may push to the repository may push to the branch. */
export const mayPush = (rule: BranchRule | undefined, role: Role | null): boolean =>
  rule ? rule.pushRole !== null && roleSuffices(rule.pushRole, role) : roleSuffices('developer', role);

/** Whoever may push to a branch may merge into it. If nobody may push to it, whoever may push to other branches may merge. */
export const mayMerge = (rule: BranchRule | undefined, role: Role | null): boolean => roleSuffices(rule?.pushRole ?? 'developer', role);

export const whoMayPush = ({ pushRole }: Pick<BranchRule, 'pushRole'>): string =>
  pushRole === null
    ? 'nobody may push to it; changes come in by merges in Slipway'
    : `only somebody with the role of ${pushRole} or above may push to it`;

const MAX_PATTERN_BYTES = 200;
const MAX_NAMES = 50;

/** @throws DomainError */
export function checkRule({ pattern, requiredJobs, environments }: BranchRuleSettings): void {
  const wrong = wrongWithPattern(pattern);
  if (wrong) throw new DomainError('bad_input', 'bad_pattern', `"${shorten(pattern, MAX_PATTERN_BYTES)}" can't be a pattern: ${wrong}`);
  checkNames('jobs', requiredJobs, JOB_NAME, `A job's name must be ${JOB_NAME_RULE}`);
  checkNames('environments', environments ?? [], ENVIRONMENT_NAME, `An environment's name is ${ENVIRONMENT_NAME_RULE}`);
}

/** A name that nothing can have would never come true, or let nothing in. */
function checkNames(things: string, names: readonly string[], rule: RegExp, words: string): void {
  if (names.length > MAX_NAMES) throw badRule(`A rule names at most ${MAX_NAMES} ${things}; this one names ${names.length}.`);
  const odd = names.find((name) => !rule.test(name));
  if (odd !== undefined) throw badRule(`"${shorten(odd, 80)}" can't be the name of any of the ${things} in a rule. ${words}.`);
}

const badRule = (message: string) => new DomainError('bad_input', 'bad_rule', message);

function wrongWithPattern(pattern: string): string | null {
  if (pattern.trim() === '' || Buffer.byteLength(pattern) > MAX_PATTERN_BYTES) return `it has 1 to ${MAX_PATTERN_BYTES} bytes.`;
  if (/[\p{Cc}\p{Zl}\p{Zp} \\~^:]/u.test(pattern) || !pattern.isWellFormed())
    return 'branch names have no spaces, backslashes, "~", "^" or ":".';
  if (pattern.startsWith('!')) return 'a rule names the branches it is for, not those it is not for. Leave the "!" out.';
  if (/[{(|)}]/.test(pattern)) return 'braces, parentheses and "|" are not understood here. Make a rule for each name.';
  if (!/^([^[\]]|\[[^[\]]+\])*$/.test(pattern)) return 'a bracket is not closed, or has nothing in it.';
  if (hasBackwardRange(pattern)) return 'a range in its brackets runs backwards, as in [z-a].';
  return null;
}

/** It fits nothing, so the rule would protect nothing. */
const hasBackwardRange = (pattern: string): boolean =>
  [...pattern.matchAll(/\[([^\]]*)\]/g)].some(([, inside = '']) =>
    [...inside.matchAll(/(.)-(.)/gu)].some(([, from = '', to = '']) => from > to),
  );
