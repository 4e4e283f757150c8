import { expect, it } from 'vitest';
import { originOf, runTitle, triggerWords } from './run-words.ts';

const [ada, grace] = [
  { __typename: 'User' as const, id: 'u1', name: 'Ada' },
  { __typename: 'User' as const, id: 'u2', name: 'Grace' },
];
const commit = { sha: 'a', shortSha: 'a', subject: 'Mend the footer', authorName: 'Linus', committedAt: '' };
const run = (over: object) =>
  ({ number: 7, trigger: 'PUSH', triggeredBy: ada, retriedBy: null, pullRequest: null, deployment: null, commit, ...over }) as never;

it('names who did it, and never the author of the commit', () => {
  expect(triggerWords(run({}))).toBe('Pushed by Ada');
  expect(triggerWords(run({ triggeredBy: null }))).toBe('Pushed');
  expect(triggerWords(run({ trigger: 'MANUAL' }))).toBe('Started by Ada');
  expect(triggerWords(run({ trigger: 'ROLLBACK' }))).toBe('Rolled back by Ada');
  expect(triggerWords(run({ retriedBy: grace }))).toBe('Retried by Grace');
  expect(originOf(run({ retriedBy: grace }))).toBe('rerun');
});

it('tells a direct deployment and a rollback as what somebody did', () => {
  const deployment = (kind: string) => ({
    id: 'd',
    kind,
    environment: { id: 'e', name: 'production' },
    release: { id: 'r', version: '6084e8f' },
  });
  expect(runTitle(run({ trigger: 'ROLLBACK', deployment: deployment('rollback') }))).toBe('Ada rolled production back to 6084e8f');
  expect(runTitle(run({ trigger: 'DEPLOY', deployment: deployment('deploy'), triggeredBy: null }))).toBe(
    'Somebody deployed 6084e8f to production',
  );
  expect(runTitle(run({}))).toBe('Mend the footer');
});
