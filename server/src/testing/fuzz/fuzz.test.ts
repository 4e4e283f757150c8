import { expect, it } from 'vitest';
import { fuzz } from './fuzz.js';
import { TARGETS } from './targets.js';

/** A few seconds; `npm run fuzz -w server -- 1000000` takes the time it needs. */
const INPUTS = 500;
const MOST_MS = 3_000;

it.each(TARGETS)('whatever is written, $name are read in time, or it is said what is wrong', (target) => {
  const { inputs, worstMs, worst } = fuzz(target, INPUTS, 1);
  expect(inputs).toBe(INPUTS);
  expect(worstMs, worst).toBeLessThan(MOST_MS);
});
