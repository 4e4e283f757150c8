import { describe, expect, it } from 'vitest';
import { Changes } from './changes.js';
import { LiveReads } from './live.js';

const KEY = [{ thing: 'run', id: '1' }] as const;

function aValue() {
  const changes = new Changes();
  const errors: unknown[] = [];
  const live = new LiveReads(changes, (error) => errors.push(error));
  return { changes, live, errors, change: () => changes.emit('run.1') };
}

describe('LiveReads', () => {
  it('gives the present state first, then the state after each change', async () => {
    const { live, change } = aValue();
    let value = 1;
    const seen = live.watch([...KEY], 'one', async () => value);
    expect((await seen.next()).value).toBe(1);
    value = 2;
    change();
    expect((await seen.next()).value).toBe(2);
  });

  it('reads once for all who watch, and lets go when the last one leaves', async () => {
    const { live, change } = aValue();
    let reads = 0;
    const watchers = [1, 2, 3].map(() => live.watch([...KEY], 'one', async () => ++reads));
    await Promise.all(watchers.map((watcher) => watcher.next()));
    expect(reads).toBe(1);
    await Promise.all(watchers.map((watcher) => watcher.return?.()));
    change();
    await new Promise((resolve) => setImmediate(resolve));
    expect(reads).toBe(1);
  });

  it('skips to the newest state for a slow watcher', async () => {
    const { live, change } = aValue();
    let value = 1;
    const seen = live.watch([...KEY], 'one', async () => value);
    await seen.next();
    for (value = 2; value < 5; value++) {
      change();
      await new Promise((resolve) => setImmediate(resolve));
    }
    value = 4;
    expect((await seen.next()).value).toBe(4);
  });

  it('ends a pending next() at once when the watcher leaves', async () => {
    const { live } = aValue();
    const seen = live.watch([...KEY], 'one', async () => 1);
    await seen.next();
    const pending = seen.next();
    await seen.return?.();
    expect((await pending).done).toBe(true);
  });

  it('ends when the thing is gone', async () => {
    const { live } = aValue();
    const seen = live.watch([...KEY], 'one', async () => null);
    expect((await seen.next()).done).toBe(true);
  });

  it('keeps watchers while reading fails, tells of it, and goes on when it works again', async () => {
    const { live, errors } = aValue();
    let fails = true;
    const seen = live.watch([...KEY], 'one', async () => {
      if (fails) throw new Error('Postgres is away');
      return 1;
    });
    const first = seen.next();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(errors).toHaveLength(1);
    fails = false;
    expect((await first).value).toBe(1);
  });
});
