import { describe, expect, it } from 'vitest';
import { processorMs } from '../../../testing/processor-time.js';
import { type BranchRule, checkRule, mayMerge, mayPush, ruleFor } from './branch-rule.js';

const rule = (pattern: string, over: Partial<BranchRule> = {}): BranchRule => ({
  id: pattern,
  repositoryId: 'r',
  pattern,
  pushRole: null,
  allowForce: false,
  allowDelete: false,
  requiredJobs: [],
  environments: null,
  ...over,
});
const patternFor = (branch: string, ...patterns: string[]) =>
  ruleFor(
    patterns.map((pattern) => rule(pattern)),
    branch,
  )?.pattern;

describe('the rule of a branch', () => {
  it.each([
    ['main', ['**', 'main', 'm*'], 'main'],
    ['release/1', ['**', 'release/**', 'release/*'], 'release/*'],
    ['release/1/fix', ['**', 'release/**', 'release/*'], 'release/**'],
    ['release/1.0', ['release/*', 'release/1.*'], 'release/1.*'],
    ['hotfix/größe-日本', ['hot*/*', '*/*'], 'hot*/*'],
    ['.hidden', ['*'], '*'],
    ['other', ['main', 'release/**'], undefined],
    ['mainly', ['main'], undefined],
    ['Main', ['main'], undefined],
  ])('%s among %j is %s', (branch, patterns, expected) => {
    expect(patternFor(branch, ...patterns)).toBe(expected);
    expect(patternFor(branch, ...patterns.toReversed())).toBe(expected);
  });
});

describe('who may', () => {
  it('push is at least of the role that the rule asks for, or nobody', () => {
    expect(mayPush(rule('x', { pushRole: 'deployer' }), 'developer')).toBe(false);
    expect(mayPush(rule('x', { pushRole: 'deployer' }), 'admin')).toBe(true);
    expect(mayPush(rule('x'), 'admin')).toBe(false);
    expect(mayPush(undefined, 'developer')).toBe(true);
    expect(mayPush(undefined, null)).toBe(false);
  });

  it('merge is as for pushing; where nobody pushes, a developer', () => {
    expect(mayMerge(rule('x', { pushRole: 'admin' }), 'deployer')).toBe(false);
    expect(mayMerge(rule('x'), 'developer')).toBe(true);
    expect(mayMerge(rule('x'), 'viewer')).toBe(false);
  });
});

describe('a pattern', () => {
  it.each(['', ' ', '!main', '@(a|b)', 'a|b', 'a b', 'a\\b', '{a,b}/*', '[]', 'x'.repeat(201), 'a\nb', '[z-a]', '[ab', '{a,b'])(
    'may not be %j',
    (pattern) => {
      expect(() => checkRule(rule(pattern))).toThrow(expect.objectContaining({ code: 'bad_pattern' }));
    },
  );

  it.each(['main', 'release/**', '*a*b*c*d', 'v?.[0-9]', '**', 'größe-*'])('may be %j', (pattern) => {
    expect(() => checkRule(rule(pattern))).not.toThrow();
  });

  it('is matched quickly, whatever the name', () => {
    const startedAt = processorMs();
    expect(patternFor(`${'ab'.repeat(500)}!`, '*a*b*c*d*e*f*g')).toBeUndefined();
    expect(processorMs() - startedAt).toBeLessThan(1_000);
  });
});
