import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RepositoryStore } from './repository-store.js';

const LEFT = ['HEAD.lock', 'refs/heads/a/b.lock', 'objects/pack/tmp_pack_1', 'objects/tmp_objdir-incoming-1'];
const AN_HOUR_MS = 3600_000;
let dataDir: string;
let store: RepositoryStore;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'slipway-store-'));
  store = new RepositoryStore(dataDir);
  await store.open();
  await store.init('one');
  await mkdir(join(store.folder('one'), 'refs/heads/a'));
  for (const path of LEFT) await writeFile(join(store.folder('one'), path), '');
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const left = () => LEFT.filter((path) => existsSync(join(store.folder('one'), path)));
const soon = () => Date.now() + 1_000;

describe('what a killed git left in a repository', () => {
  it('goes at once when nobody is at work there', async () => {
    await store.prune('one', soon());
    expect(left()).toEqual([]);
  });

  it.each([
    ['in its folder', (gitDir: string) => ({ args: ['60'], cwd: gitDir })],
    ['told of its folder', (gitDir: string) => ({ args: ['-c', 'sleep 60', `--git-dir=${gitDir}`], command: 'sh', cwd: '/' })],
  ])('stays while somebody may be at work %s, unless it is too old to be theirs', async (_where, options) => {
    const { command = 'sleep', args, cwd }: { command?: string; args: string[]; cwd: string } = options(store.folder('one'));
    const child = spawn(command, args, { cwd, stdio: 'ignore', detached: true });
    await once(child, 'spawn');
    const ended = once(child, 'exit');
    try {
      await store.prune('one', soon());
      expect(left()).toEqual(LEFT);
      await store.prune('one', Date.now() + AN_HOUR_MS);
      expect(left()).toEqual(['objects/pack/tmp_pack_1', 'objects/tmp_objdir-incoming-1']);
    } finally {
      process.kill(-(child.pid as number), 'SIGKILL');
      await ended;
    }
  });
});
