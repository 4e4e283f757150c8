import { expect, it } from 'vitest';
import { Slots } from './slots.js';

it('gives a slot for a better one that is free, and keeps its own when there is none', () => {
  const slots = new Slots(3);
  expect([slots.take(), slots.take()]).toEqual([0, 1]);
  expect(slots.exchange(1, [0, 2])).toBe(2);
  expect(slots.exchange(2, [2])).toBe(2);
  expect(slots.exchange(2, [0, 7])).toBe(2);
  expect(slots.free).toBe(1);
  expect(slots.take()).toBe(1);
});
