import { describe, expect, it } from 'vitest';
import { patternExample, ruleWords } from './rule-words.ts';

describe('patternExample', () => {
  it.each([
    ['main', 'This branch alone.'],
    ['release/*', 'Matches release/one, not release/one/more.'],
    ['release/**', 'Matches release/anything/at-all.'],
    ['**', 'Every branch.'],
    ['v[0-9]*', 'Matches v0one, not v0one/more.'],
    ['{fix,feature}/*', 'Matches fix/one, not fix/one/more.'],
    ['**/wip', 'Matches wip.'],
    ['', ''],
  ])('says of %s what it fits', (pattern, words) => {
    expect(patternExample(pattern)).toBe(words);
  });
});

describe('ruleWords', () => {
  const rule = { pattern: 'main', pushRole: null, allowForce: false, allowDelete: false, requiredJobs: [], environments: null };

  it('says who may push, and leaves out what it does not ask for', () => {
    expect(ruleWords(rule)).toEqual(['nobody pushes, work comes in by merges', 'no forced pushes', 'can’t be deleted']);
  });

  it('tells no environment at all from any', () => {
    expect(ruleWords({ ...rule, environments: [] }).at(-1)).toBe('may not be deployed');
    expect(ruleWords({ ...rule, requiredJobs: ['unit'], environments: ['staging'] }).slice(-2)).toEqual([
      'a merge needs unit',
      'may go to staging only',
    ]);
  });
});
