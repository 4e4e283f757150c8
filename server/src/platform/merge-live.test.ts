import { expect, it } from 'vitest';
import { Changes } from './changes.js';
import { LiveReads } from './live.js';
import { mergeLive } from './merge-live.js';

function aWorld(names: string[]) {
  const changes = new Changes();
  const live = new LiveReads(changes, () => undefined);
  const present = new Set(names);
  const versions = new Map<string, number>();
  const streams = mergeLive(
    live.watch([{ thing: 'queue', id: '*' }], 'names', async () => [...present]),
    (name) => live.watch([{ thing: 'project', id: name }], name, async () => `${name}${versions.get(name) ?? 0}`),
  );
  return {
    streams,
    change(name: string): void {
      versions.set(name, (versions.get(name) ?? 0) + 1);
      changes.emit(`project.${name}`);
    },
    add(name: string): void {
      present.add(name);
      changes.emit('queue.all');
    },
    remove(name: string): void {
      present.delete(name);
      changes.emit('queue.all');
    },
  };
}

const take = async (streams: AsyncIterator<string>) => (await streams.next()).value as string;

it('gives the present state of each, then each change, also of those that come later', async () => {
  const { streams, change, add } = aWorld(['a', 'b']);
  expect([await take(streams), await take(streams)].sort()).toEqual(['a0', 'b0']);
  const next = take(streams);
  change('b');
  expect(await next).toBe('b1');
  const added = take(streams);
  add('c');
  expect(await added).toBe('c0');
  await streams.return?.();
});

it('skips to the newest state for a slow reader, instead of queueing', async () => {
  const { streams, change } = aWorld(['a']);
  expect(await take(streams)).toBe('a0');
  for (let i = 0; i < 50; i++) {
    change('a');
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await take(streams)).toBe('a1');
  expect(await take(streams)).toBe('a50');
  await streams.return?.();
});

it('follows no more what left the set, and ends a waiting reader at once', async () => {
  const { streams, change, remove } = aWorld(['a', 'b']);
  await take(streams);
  await take(streams);
  const waiting = streams.next();
  remove('a');
  await new Promise((resolve) => setTimeout(resolve, 20));
  change('a');
  await streams.return?.();
  expect(await waiting).toEqual({ done: true, value: undefined });
});
