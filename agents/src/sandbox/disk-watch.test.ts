import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DiskWatch, type DiskWatchOptions } from './disk-watch.js';
import { processIdOf } from './process-tree.js';
import { unnamedBytes } from './unnamed-files.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'disk-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Measures at each look, as others may free as much as it takes. */
const watchOf = (limitMib: number | null, changes: Partial<DiskWatchOptions> = {}): DiskWatch =>
  new DiskWatch({ folder, limitMib, measureMs: 0, unnamedBytes: async () => 0, ...changes });
const write = (name: string, mib: number): void => writeFileSync(join(folder, name), Buffer.alloc(mib * 1024 ** 2, 1));

it('says when a folder holds more than it may, and not before', async () => {
  using watch = watchOf(4);
  write('a', 3);
  await watch.look();
  expect(watch.exceeded.aborted).toBe(false);
  write('b', 3);
  await watch.look();
  expect(watch.exceeded.aborted).toBe(true);
});

it('looks by itself', async () => {
  using watch = watchOf(1);
  write('a', 3);
  await vi.waitFor(() => expect(watch.exceeded.aborted).toBe(true), { timeout: 10_000 });
});

it('has nothing to say without a limit', async () => {
  using watch = watchOf(null);
  write('a', 3);
  await watch.look();
  expect(watch.exceeded.aborted).toBe(false);
});

it('counts files that are open though no folder names them, each once', async () => {
  const own = processIdOf(process.pid);
  const unnamed = (): Promise<number> => unnamedBytes(folder, own ? [own, own] : []);
  using watch = watchOf(4, { unnamedBytes: unnamed });
  write('a', 6);
  const files = [openSync(join(folder, 'a'), 'r'), openSync(join(folder, 'a'), 'r')];
  const before = await unnamed();
  rmSync(join(folder, 'a'));
  const grown = (await unnamed()) - before;
  expect([grown > 5 * 1024 ** 2, grown < 8 * 1024 ** 2]).toEqual([true, true]);
  await watch.look();
  expect([watch.exceeded.aborted, watch.told]).toEqual([true, expect.stringContaining('4 MiB of disk')]);
  for (const file of files) closeSync(file);
});

it('says when a folder holds more files than go with its room, though they are empty', async (context) => {
  using watch = watchOf(4, { leastFiles: 100 });
  const most = Number(/than the (\d+) that/.exec(watch.told)?.[1]);
  context.skip(!(most < 100_000), 'this file system makes room for files as they come');
  for (let n = 0; n <= most; n++) writeFileSync(join(folder, `${n}`), '');
  await watch.look();
  expect([watch.exceeded.aborted, watch.told]).toEqual([
    true,
    `are more than the ${most} that it may make, which go with 4 MiB of this disk`,
  ]);
});
