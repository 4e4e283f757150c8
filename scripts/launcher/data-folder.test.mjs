import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endLeftOvers, lockDataFolder, openDataFolder, secretKey } from './data-folder.mjs';
import { isRunning, nameProcess } from './process-facts.mjs';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-data-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe('the data folder', () => {
  it('is taken by one Slipway at a time, and free again afterwards', async () => {
    const lock = join(dir, 'lock.json');
    const unlock = await lockDataFolder(lock, dir);
    await expect(lockDataFolder(lock, dir)).rejects.toThrow(`Another Slipway (process ${process.pid}) already runs on ${dir}`);
    await unlock();
    await (await lockDataFolder(lock, dir))();
  });

  it.each([
    ['of a process that is gone', JSON.stringify({ pid: 4_000_000, startTime: '1' })],
    ['of a pid that another process has now', JSON.stringify({ pid: process.pid, startTime: '1' })],
    ['half written at a power cut', '{"pid":'],
  ])('is not held by a lock %s', async (_what, left) => {
    const lock = join(dir, 'lock.json');
    await writeFile(lock, left);
    await (await lockDataFolder(lock, dir))();
  });

  it('gets one of two that find an old lock at the same moment', async () => {
    const lock = join(dir, 'lock.json');
    await writeFile(lock, JSON.stringify({ pid: 4_000_000, startTime: '1' }));
    const both = await Promise.allSettled([lockDataFolder(lock, dir), lockDataFolder(lock, dir)]);
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('says what to do when it is a file', async () => {
    const file = join(dir, 'file');
    await writeFile(file, '');
    await expect(openDataFolder(file, [])).rejects.toThrow('not a folder is in its place. Move it away, or set SLIPWAY_DATA_DIR');
    await expect(openDataFolder(join(file, 'below'), [])).rejects.toThrow('part of that path is a file');
  });

  it('makes the secret key once, readable for nobody else, and never a second one over data', async () => {
    const file = join(dir, 'secret-key');
    await expect(secretKey(file, false)).rejects.toThrow('is missing');
    await secretKey(file, true);
    const key = await readFile(file);
    expect([key.length, (await stat(file)).mode & 0o777]).toEqual([32, 0o600]);
    await secretKey(file, true);
    expect(await readFile(file)).toEqual(key);
    await writeFile(file, 'short');
    await expect(secretKey(file, true)).rejects.toThrow('5 bytes instead of 32');
  });

  it('ends what a killed launcher left, and no process that has got its pid since', async () => {
    const [left, stranger] = [spawn('sleep', ['60']), spawn('sleep', ['60'])];
    const [leftName, strangerName] = [nameProcess(Number(left.pid)), nameProcess(Number(stranger.pid))];
    const services = join(dir, 'services.json');
    await writeFile(services, JSON.stringify({ processes: { 'nats-server': leftName, Postgres: { ...strangerName, startTime: '1' } } }));
    await endLeftOvers({ services, router: join(dir, 'router') }, () => undefined);
    expect([isRunning(leftName), isRunning(strangerName)]).toEqual([false, true]);
    stranger.kill('SIGKILL');
  });
});
