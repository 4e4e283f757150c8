import { expect, it } from 'vitest';
import { processorMs } from '../../testing/processor-time.js';
import { skipMark, withoutSkipMarks } from './skip-mark.js';

it.each<[string, string | null]>([
  ['Mend a typo [skip ci]', '[skip ci]'],
  ['[CI Skip] Mend a typo', '[CI Skip]'],
  ['Mend\n\nA body\n[no ci]', '[no ci]'],
  ['[skip actions]', '[skip actions]'],
  ['[skip-ci]', '[skip-ci]'],
  ['[CI_SKIP]', '[CI_SKIP]'],
  ['Mend\r\n\r\nskip-checks: true\r\n', 'skip-checks: true'],
  ['[skipci]', null],
  ['[actions skip]', '[actions skip]'],
  ['[skip slipway] x', '[skip slipway]'],
  ['Mend\n\nskip-checks: true', 'skip-checks: true'],
  ['Mend\n\n\nSigned-off-by: Ada <a@b>\nskip-checks:true\n', 'skip-checks: true'],
  ['skip-checks: true', null],
  ['Mend\n\nskip-checks: true\n\nmore', null],
  ['Mend\n\nskip-checks: false', null],
  ['skip ci', null],
  ['Explain why [skip ci is no mark', null],
  ['', null],
])('%j: %j', (message, expected) => {
  expect(skipMark(message)).toBe(expected);
});

it('takes no longer for messages that are made to take for ever', () => {
  const start = processorMs();
  expect(skipMark('\n \n'.repeat(100_000))).toBeNull();
  expect(skipMark('[skip '.repeat(100_000))).toBeNull();
  expect(processorMs() - start).toBeLessThan(500);
});

it.each([
  'Mend a typo [skip ci]',
  '[skip [skip ci]ci]',
  '[CI SKIP] and [no ci][skip actions]',
  '[ci-skip]',
  'x\r\n\r\nskip-checks: true\r\n',
  'Squash "a" into "b"\n\n- one\n\nskip-checks: true',
  'x\n\nSkip-Checks:  TRUE\n',
])('is in no message that is put together from others: %j', (message) => {
  expect(skipMark(message)).not.toBeNull();
  expect(skipMark(withoutSkipMarks(message))).toBeNull();
});
