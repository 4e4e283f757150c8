import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isRunning, nameProcess } from './process-facts.mjs';
import { Supervised } from './supervisor.mjs';

let dir = '';
/** @type {Supervised[]} */
let made = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-supervisor-'));
  made = [];
});
afterEach(async () => {
  for (const supervised of made) supervised.kill();
  await rm(dir, { recursive: true, force: true });
});

/** @param {string} script of a shell @param {Partial<import('../services/service.mjs').Service>} [other] */
function supervise(script, other) {
  /** @type {number[]} */
  const pids = [];
  const supervised = new Supervised(
    {
      name: 'sample',
      command: '/bin/sh',
      args: ['-c', script],
      env: { PATH: '/usr/bin:/bin' },
      cwd: dir,
      logFile: join(dir, 'sample.log'),
      stopSignal: 'SIGTERM',
      stopWithinMs: 500,
      readyWithinMs: 5_000,
      isReady: () =>
        readFile(join(dir, 'up')).then(
          () => true,
          () => false,
        ),
      ...other,
    },
    { onStarted: (_name, pid) => pids.push(pid), say: () => undefined },
  );
  made.push(supervised);
  return { supervised, pids };
}

describe('a supervised process', () => {
  it('is started again after a kill -9, with nothing left of its own children', async () => {
    const { supervised, pids } = supervise('touch up; sleep 60 & echo $! > child; wait');
    await supervised.start();
    await vi.waitFor(() => readFile(join(dir, 'child')));
    const child = nameProcess(Number(await readFile(join(dir, 'child'), 'utf8')));
    process.kill(Number(pids[0]), 'SIGKILL');
    await vi.waitFor(() => expect(pids.length).toBe(2), { timeout: 5_000 });
    expect(isRunning(child)).toBe(false);
    await supervised.stop();
    expect(isRunning(nameProcess(Number(pids[1])))).toBe(false);
  });

  it('that does not end when asked is killed with its children', async () => {
    const { supervised, pids } = supervise("trap '' TERM; touch up; sleep 60");
    await supervised.start();
    const name = nameProcess(Number(pids[0]));
    await supervised.stop();
    expect(isRunning(name)).toBe(false);
    expect(pids.length).toBe(1);
  });

  it('that ends with its channel is asked so, and by a signal as long as it does not listen for that', async () => {
    const script = (/** @type {string} */ up) => `
      const { writeFileSync } = require('node:fs');
      const ended = (how) => (writeFileSync('ended', how), process.exit());
      process.on('SIGTERM', () => ended('by a signal'));
      process.on('disconnect', () => ended('with its channel'));
      writeFileSync('${up}', '');
    `;
    const program = { command: process.execPath, ipc: true, endsWithChannel: true, stopWithinMs: 20_000 };
    const ready = supervise('', { ...program, args: ['-e', script('up')] }).supervised;
    await ready.start();
    await ready.stop();
    expect(await readFile(join(dir, 'ended'), 'utf8')).toBe('with its channel');
    await rm(join(dir, 'up'));
    const starting = supervise('', { ...program, args: ['-e', script('nearly-up')] }).supervised;
    const started = starting.start().catch(() => undefined);
    await vi.waitFor(() => readFile(join(dir, 'nearly-up')), { timeout: 5_000 });
    await starting.stop();
    await started;
    expect(await readFile(join(dir, 'ended'), 'utf8')).toBe('by a signal');
  });

  it('that has new code is ended as asked, and started again', async () => {
    const { supervised, pids } = supervise("trap 'echo asked > ended; exit' TERM; touch up; while :; do sleep 0.05; done");
    await supervised.start();
    const first = nameProcess(Number(pids[0]));
    supervised.restart();
    await vi.waitFor(() => expect(pids.length).toBe(2), { timeout: 5_000 });
    expect(isRunning(first)).toBe(false);
    expect(await readFile(join(dir, 'ended'), 'utf8')).toBe('asked\n');
    await supervised.stop();
    expect(pids.length).toBe(2);
  });

  it('that fails at its first start is not tried again, and its last words are told', async () => {
    const { supervised, pids } = supervise('echo no such luck; exit 3');
    await expect(supervised.start()).rejects.toThrow(/sample ended while starting[\s\S]*no such luck/);
    expect(pids.length).toBe(1);
  });
});
