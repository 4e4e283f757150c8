import { expect, it } from 'vitest';
import { FUZZED, fuzz } from './testing/fuzz.ts';

it.each(Object.keys(FUZZED))('%s hold whatever the input', { timeout: 60_000 }, (name) => {
  expect(fuzz(name, 2_000, 20_000_000).slowestMs).toBeLessThan(2_000);
});
