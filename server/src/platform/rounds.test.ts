import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { Rounds } from './rounds.js';

let rounds: Rounds;
afterEach(() => rounds.stop());

it('makes exactly one more round for any number of wakes during one', async () => {
  let count = 0;
  const gate = Promise.withResolvers<void>();
  rounds = new Rounds(async () => {
    count += 1;
    if (count === 1) await gate.promise;
    return 60_000;
  });
  for (let n = 0; n < 5; n++) rounds.wake();
  expect(count).toBe(1);
  gate.resolve();
  await expect.poll(() => count).toBe(2);
  await delay(20);
  expect(count).toBe(2);
});

it('goes on by itself when the last round said, and at once when that round wakes it', async () => {
  const at: number[] = [];
  rounds = new Rounds(async () => {
    at.push(performance.now());
    if (at.length > 1) return 40;
    rounds.wake();
    return 60_000;
  });
  rounds.wake();
  await expect.poll(() => at).toHaveLength(3);
  const [, second = 0, third = 0] = at;
  expect(third - second).toBeGreaterThanOrEqual(35);
});

it('waits at its end for the round under way, and begins no other', async () => {
  let [begun, ended] = [0, 0];
  rounds = new Rounds(async () => {
    begun += 1;
    await delay(20);
    ended += 1;
    return 0;
  });
  rounds.wake();
  rounds.wake();
  await rounds.stop();
  rounds.wake();
  await delay(20);
  expect([begun, ended]).toEqual([1, 1]);
});
