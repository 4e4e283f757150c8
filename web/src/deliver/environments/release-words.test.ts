import { expect, it } from 'vitest';
import { historyWords } from './release-words.ts';

const release = { version: 'f4dc783', commit: { subject: 'Mend the footer' } } as never;

it.each([
  ['SUCCEEDED', 'f4dc783 went live and was healthy.', 'Mend the footer'],
  ['ROLLED_BACK', 'f4dc783 did not become healthy. Traffic went back to 0d46355.', 'did not become healthy. Traffic went back to 0d46355.'],
  ['FAILED', 'The branch main may not go there.', 'The branch main may not go there.'],
  ['FAILED', 'f4dc783b is another one.', 'f4dc783b is another one.'],
  ['CANCELLED', null, 'Mend the footer'],
] as const)('says of a release that %s (%s) beside its version: %s', (state, message, words) =>
  expect(historyWords({ state, message, release })).toBe(words),
);
