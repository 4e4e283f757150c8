import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DiskWatch } from './disk-watch.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'disk-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, mib: number): void => writeFileSync(join(folder, name), Buffer.alloc(mib * 1024 ** 2, 1));

it('says when a folder holds more than it may, and not before', async () => {
  using watch = new DiskWatch(folder, 4);
  write('a', 3);
  await watch.look();
  expect(watch.exceeded.aborted).toBe(false);
  write('b', 3);
  await watch.look();
  expect(watch.exceeded.aborted).toBe(true);
});

it('looks by itself', async () => {
  using watch = new DiskWatch(folder, 1);
  write('a', 3);
  await vi.waitFor(() => expect(watch.exceeded.aborted).toBe(true), { timeout: 10_000 });
});

it('has nothing to say without a limit', async () => {
  using watch = new DiskWatch(folder, null);
  write('a', 3);
  await watch.look();
  expect(watch.exceeded.aborted).toBe(false);
});
