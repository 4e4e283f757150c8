import { expect, it } from 'vitest';
import { sideBySide } from './lanes.mjs';

it('begins the work in order, no more at once than there are lanes, and gives a free lane the next one', async () => {
  /** @type {Map<string, () => void>} */
  const running = new Map();
  /** @type {string[]} */
  const begun = [];
  const done = sideBySide(2, ['long', 'short', 'last'], (name) => {
    begun.push(name);
    return new Promise((resolve) => running.set(name, () => resolve(name.toUpperCase())));
  });
  expect(begun).toEqual(['long', 'short']);
  running.get('short')?.();
  await expect.poll(() => begun).toEqual(['long', 'short', 'last']);
  running.get('last')?.();
  running.get('long')?.();
  expect(await done).toEqual(['LONG', 'SHORT', 'LAST']);
});

it('needs no more items than lanes, nor any', async () => {
  expect(await sideBySide(2, ['one'], async (name) => name)).toEqual(['one']);
  expect(await sideBySide(2, [], async (name) => name)).toEqual([]);
});
