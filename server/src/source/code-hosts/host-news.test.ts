import { expect, it } from 'vitest';
import { describeRefs, isAbout } from './host-news.js';

it('names up to three refs in a sentence', () => {
  const branch = (name: string) => ({ what: 'branch' as const, name, change: 'moved' as const });
  expect(describeRefs([branch('main')])).toBe('Branch main was pushed: a fetch was requested.');
  expect(describeRefs([branch('a'), { what: 'tag', name: 'v1', change: 'deleted' }])).toBe(
    'Branch a was pushed and tag v1 was deleted: a fetch was requested.',
  );
  expect(describeRefs(['a', 'b', 'c', 'd', 'e'].map(branch))).toBe(
    'Branch a was pushed, branch b was pushed, branch c was pushed and 2 more were changed: a fetch was requested.',
  );
});

it('compares owner and name alone, whatever the host is called and below whichever path it lives', () => {
  expect(isAbout('Acme/Site', 'github.com/acme/site')).toBe(true);
  expect(isAbout('ACME/site', 'bitbucket.example/scm/acme/site')).toBe(true);
  expect(isAbout('acme/site', 'git.example/big-acme/site')).toBe(false);
  expect(isAbout('acme/other', 'github.com/acme/site')).toBe(false);
  expect([isAbout(null, 'github.com/acme/site'), isAbout('acme/site', null)]).toEqual([true, true]);
});
