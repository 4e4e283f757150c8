import { expect, it } from 'vitest';
import { FUZZED, fuzz } from './testing/fuzz.js';

it.each(Object.keys(FUZZED))('%s hold whatever is printed, however it is cut', { timeout: 60_000 }, (name) => {
  expect(fuzz(name, 500, 20_000_000).slowestMs).toBeLessThan(2_000);
});
