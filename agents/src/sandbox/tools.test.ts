import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { findTools } from './tools.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'slipway-home-'));
  vi.stubEnv('HOME', home);
  for (const folder of ['bin', '.local/bin']) {
    mkdirSync(join(home, folder), { recursive: true });
    writeFileSync(join(home, folder, 'node'), '');
  }
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

it('shows jobs the place of a program with its libraries, but never a whole home', () => {
  expect(findTools(join(home, '.local/bin'), '/usr/bin/node').folders).toEqual([join(home, '.local')]);
  expect(findTools(join(home, 'bin'), '/usr/bin/node').folders).toEqual([join(home, 'bin')]);
});
