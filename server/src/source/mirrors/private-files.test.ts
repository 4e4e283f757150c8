import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nameOfThisProcess } from '../../platform/process-name.js';
import { PrivateFiles } from './private-files.js';

/** No process has it: they start after the system. */
const DEAD = `${process.pid}:1`;
let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'slipway-private-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

/** As a server of that name had one talking to a host. */
async function talkingFor(name: string) {
  const folder = join(dataDir, 'git-private', name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'key'), 'secret');
  const child = spawn('sleep', ['60'], { env: { ...process.env, SLIPWAY_GIT_PRIVATE: folder }, stdio: 'ignore', detached: true });
  await once(child, 'spawn');
  return { child, ended: once(child, 'exit') };
}

describe('private files', () => {
  it('of a server that was killed are removed at the next start, and what it had talking to a host is ended', async () => {
    const { ended } = await talkingFor(DEAD);
    const files = new PrivateFiles(dataDir);
    await files.open();
    expect(await ended).toEqual([null, 'SIGTERM']);
    expect(await readdir(join(dataDir, 'git-private'))).toEqual([nameOfThisProcess()]);
    expect(basename(dirname(files.askpass))).toBe(nameOfThisProcess());
  });

  it('of another server on the same data folder, and its processes, are left alone', async () => {
    const server = spawn('sleep', ['60'], { stdio: 'ignore' });
    await once(server, 'spawn');
    const name = `${server.pid}:${(await readFile(`/proc/${server.pid}/stat`, 'utf8')).split(' ')[21]}`;
    const { child, ended } = await talkingFor(name);
    await new PrivateFiles(dataDir).open();
    expect(await readdir(join(dataDir, 'git-private', name))).toEqual(['key']);
    expect(child.signalCode).toBeNull();
    child.kill();
    server.kill();
    await ended;
  });
});
