import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startKept } from '../deploy/keeper.js';
import { endEverything } from './end-everything.js';
import { openSandbox } from './open-sandbox.js';
import { isAlive } from './process-tree.js';
import type { Sandbox } from './sandbox.js';

let agentDir: string;
let sandbox: Sandbox;
beforeEach(async () => {
  agentDir = mkdtempSync(join(tmpdir(), 'agent-'));
  sandbox = await openSandbox({ agentDir, passedEnv: [] });
});
afterEach(async () => {
  await sandbox.close();
  rmSync(agentDir, { recursive: true });
});

/** An application, as a deploy agent starts it: it outlives whoever did. */
async function anApplication(name: string, script: string) {
  const user = sandbox.userOfEnvironment(0);
  const home = { source: join(agentDir, name, 'home'), target: '/home/job', writable: true };
  mkdirSync(join(agentDir, name), { mode: 0o711 });
  await sandbox.makeOwned(home.source, user);
  const command = await sandbox.prepare({
    name,
    user,
    command: ['/bin/sh', '-c', script],
    cwd: sandbox.inside(home),
    env: sandbox.baseEnv('/home/job'),
    mounts: [home],
    limits: { cpuCores: null, memoryMib: null, processes: 64 },
    network: { kind: 'ports', ports: [] },
  });
  const { id } = await startKept(join(agentDir, name, 'kept'), command);
  await vi.waitFor(() => expect(existsSync(join(home.source, 'up'))).toBe(true), { timeout: 5_000 });
  return { id, hasTidied: () => existsSync(join(home.source, 'tidied')) };
}

it("ends what an agent has started without the agent: asked first, by force where that doesn't help", async () => {
  const tidy = await anApplication('tidy', 'trap "touch tidied; exit" TERM; touch up; while :; do sleep 0.05; done');
  const deaf = await anApplication('deaf', 'trap "" TERM; (setsid sleep 954321 &) ; touch up; while :; do sleep 0.05; done');
  await endEverything(agentDir, 1_000);
  await vi.waitFor(() => expect([tidy.id, deaf.id].map(isAlive)).toEqual([false, false]));
  expect(tidy.hasTidied()).toBe(true);
  await endEverything(agentDir, 1_000); // nothing is left to end
});

it("leaves another agent's applications alone", async () => {
  const other = await anApplication('other', 'touch up; exec sleep 60');
  await endEverything(`${agentDir}-else`, 100);
  expect(isAlive(other.id)).toBe(true);
  await sandbox.destroy('other', other.id);
});
