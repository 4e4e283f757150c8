import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { isRunning, nameProcess } from '../launcher/process-facts.mjs';
import { Companion } from './companion.mjs';
import { programsOf } from './compiler.mjs';
import { developmentOf } from './develop.mjs';

it('a change of a workspace restarts the programs that run its code, each once', () => {
  expect(programsOf(['server'])).toEqual(['server']);
  expect(programsOf(['protocol', 'agents'])).toEqual(['server', 'agent', 'router']);
  expect(programsOf([])).toEqual([]);
});

it('keeps its data apart from those of npm start, and leads people to the page that follows changes', () => {
  expect(developmentOf({}, 5173)).toEqual({
    NODE_ENV: 'development',
    SLIPWAY_DATA_DIR: '.slipway-dev',
    SLIPWAY_PUBLIC_URL: 'http://localhost:5173',
  });
  expect(developmentOf({ SLIPWAY_DATA_DIR: '/data', SLIPWAY_PUBLIC_URL: 'https://ci.example' }, 5173)).toMatchObject({
    SLIPWAY_DATA_DIR: '/data',
    SLIPWAY_PUBLIC_URL: 'https://ci.example',
  });
});

it('a tool that runs beside us is heard, ends when its pipe does, and is known to have ended', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-companion-'));
  try {
    /** @type {string[]} */
    const heard = [];
    const tool = new Companion('/bin/sh', ['-c', 'echo $$ > pid; echo up; exec sleep 60'], {
      cwd: dir,
      onOutput: (text) => heard.push(text),
    });
    await vi.waitFor(() => expect(heard.join('')).toBe('up\n'), { timeout: 5_000 });
    const process = nameProcess(Number(await readFile(join(dir, 'pid'), 'utf8')));
    expect(isRunning(process)).toBe(true);
    await tool.stop();
    expect(isRunning(process)).toBe(false);
    await new Companion('/bin/sh', ['-c', 'exit 3'], { cwd: dir }).ended;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
