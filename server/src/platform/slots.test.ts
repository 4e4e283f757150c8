import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Slots } from './slots.js';

it('works on so many at once, in order, and gives a place back after a failure', async () => {
  const slots = new Slots(2, 10);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const work = (n: number) =>
    slots.run(async () => {
      begun.push(n);
      await new Promise<void>((resolve) => ends.push(resolve));
      if (n === 0) throw new Error('failed');
      return n;
    });
  const all = Promise.allSettled([0, 1, 2, 3].map(work));
  await turn();
  expect(begun).toEqual([0, 1]);
  ends.shift()?.();
  await turn();
  expect(begun).toEqual([0, 1, 2]);
  for (; ends.length > 0; await turn()) ends.shift()?.();
  expect((await all).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
});

it('turns away what would wait behind too many', async () => {
  const slots = new Slots(1, 1);
  let end: () => void = () => undefined;
  const first = slots.run(() => new Promise<void>((resolve) => (end = resolve)));
  const second = slots.run(async () => 'done');
  await expect(slots.run(async () => 'never')).rejects.toMatchObject({ code: 'busy' });
  end();
  await first;
  expect(await second).toBe('done');
});
