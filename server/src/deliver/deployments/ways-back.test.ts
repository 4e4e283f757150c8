import { describe, expect, it } from 'vitest';
import { type Stood, standingOrder, wayBack } from './ways-back.js';

/** "b" deploys release b of commit b; "b/2" with another configuration; "b'" another build of the commit; "<b" rolls back to b. */
function stood(step: string, index: number): Stood {
  const [, back, release = '', configured = '1'] = /^(<?)([a-z]'?)(?:\/(\d))?$/.exec(step) ?? [];
  return {
    id: String(index),
    kind: back ? 'rollback' : 'deploy',
    releaseId: release,
    commitSha: release.charAt(0),
    configured,
  };
}
const told = (one: Stood | undefined) => one && `${one.releaseId}${one.configured === '1' ? '' : `/${one.configured}`}`;
const back = (steps: string, isDeploying = false) => told(wayBack(steps.split(' ').filter(Boolean).map(stood), isDeploying));

describe('the way back', () => {
  it.each([
    ['', undefined],
    ['a', undefined],
    ['a a', undefined],
    ['a b', 'a'],
    ['a b b', 'a'],
    ['a b b/2', 'b'],
    ['a b a', 'b'],
  ])('after %j is what served before: %s', (steps, expected) => expect(back(steps)).toBe(expected));

  it.each([
    ['a b c <b', 'a'],
    ['a b c <a', 'b'],
    ['a b <a', 'b'],
    ['a b <a <b', 'a'],
    ['a b c <b d', 'b'],
    ['a b c <b d <b', 'a'],
    ['a b/1 b/2 <b/1', 'a'],
  ])('goes on past a rollback, and returns to what was left only when nothing else is there: %j', (steps, expected) =>
    expect(back(steps)).toBe(expected),
  );

  it('passes over another build of the same commit while there is another commit', () => {
    expect(back("a b b'")).toBe('a');
    expect(back("b b'")).toBe('b');
  });

  it('is what served before the deployment that is under way', () => {
    expect(back('a b', true)).toBe('b');
    expect(back('a', true)).toBe('a');
    expect(back('', true)).toBeUndefined();
    expect(back('a b c <b', true)).toBe('b');
  });

  it('ends at the first, however it is walked: every rollback takes one off', () => {
    const past = 'a b c d'.split(' ').map(stood);
    for (let left = 4; left > 1; left -= 1) {
      expect(standingOrder(past)).toHaveLength(left);
      const next = wayBack(past, false);
      if (next) past.push({ ...next, id: String(past.length), kind: 'rollback' });
    }
    expect(told(standingOrder(past)[0])).toBe('a');
  });
});
