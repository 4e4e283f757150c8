import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { onPath } from '../services/run-command.mjs';
import { endLeftOvers } from './data-folder.mjs';
import { endHaproxies, haproxiesOf } from './left-over-haproxy.mjs';
import { isRunning, nameProcess } from './process-facts.mjs';

let dir = '';
/** @type {import('node:child_process').ChildProcess[]} */
let started = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-left-over-'));
  started = [];
});
afterEach(async () => {
  for (const child of started) child.kill('SIGKILL');
  await rm(dir, { recursive: true, force: true });
});

/** @param {string} command @param {string[]} args */
function start(command, args) {
  const child = spawn(command, args, { stdio: 'ignore' });
  started.push(child);
  return nameProcess(/** @type {number} */ (child.pid));
}

/** @param {string} routerDir */
async function startHaproxy(routerDir) {
  const folder = join(dir, routerDir, 'haproxy');
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'routes.cfg');
  await writeFile(
    file,
    `defaults\n mode http\n timeout client 5s\nfrontend one\n bind unix@${folder}/one.sock\n http-request return status 204\n`,
  );
  return start(onPath('haproxy', ['/usr/sbin', '/usr/local/sbin']) ?? '', ['-f', file]);
}

it('finds the HAProxy of one installation, however its folder is written, and nothing else', async () => {
  const ours = await startHaproxy('router');
  await startHaproxy('router-2');
  start('tail', ['-f', join(dir, 'router', 'haproxy', 'routes.cfg')]);
  await symlink(dir, join(dir, 'link'));
  expect(haproxiesOf(join(dir, 'router'))).toEqual([ours]);
  expect(haproxiesOf(join(dir, 'link', 'router'))).toEqual([ours]);
  expect(haproxiesOf(join(dir, 'none'))).toEqual([]);
});

it('ends it though it is halted', async () => {
  const haproxy = await startHaproxy('router');
  process.kill(haproxy.pid, 'SIGSTOP');
  /** @type {string[]} */
  const said = [];
  await endHaproxies(haproxiesOf(join(dir, 'router')), (message) => said.push(message), 50);
  expect(isRunning(haproxy)).toBe(false);
  expect(said).toEqual([`ending the HAProxy that a router left behind (process ${haproxy.pid})`]);
});

it('is found among what a killed launcher left, though its router is gone', async () => {
  const haproxy = await startHaproxy('router');
  await endLeftOvers({ services: join(dir, 'services.json'), router: join(dir, 'router') }, () => undefined);
  expect(isRunning(haproxy)).toBe(false);
});
