import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deployFixture } from './testing/deploy-fixture.js';
import { steadyLoad } from './testing/steady-load.js';

let at: Awaited<ReturnType<typeof deployFixture>>;
let agent: ChildProcess;
beforeEach(async () => {
  at = await deployFixture();
  await at.target.stop({ instances: false });
  agent = await startAgent();
});
afterEach(async () => {
  await killAgent();
  await at.restart(false); // so that it is there to stop the instances
  await at[Symbol.asyncDispose]();
});

async function startAgent(): Promise<ChildProcess> {
  const script = join(import.meta.dirname, 'testing/target-process.mjs');
  const child = spawn(process.execPath, [script, at.agentDir, at.router.socket, at.server.url], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  return child;
}

async function killAgent(): Promise<void> {
  if (agent.signalCode !== null) return;
  agent.kill('SIGKILL');
  await once(agent, 'exit');
}

describe('an agent that is killed in the middle of a switch', () => {
  it.each([0, 10, 30, 60, 100, 200, 400, 700])(
    'leaves exactly one version serving, and its successor finishes, without a failed request (after %i ms)',
    async (afterMs) => {
      const [old, next] = [at.release('v1'), at.release('v2')];
      agent.send([at.environmentId, at.desire([old]).generation]);
      await at.observedAt('converged');
      const load = steadyLoad(at.port);
      agent.send([at.environmentId, at.desire([next]).generation]);
      await sleep(afterMs);
      await killAgent();
      const since = load.answers.length;
      await sleep(150);
      expect(new Set(load.answers.slice(since)).size).toBe(1);

      agent = await startAgent();
      agent.send([at.environmentId, 2]);
      const done = await at.observedAt('converged');
      await load.stop();
      expect(load.failed).toEqual([]);
      expect(await (await fetch(at.url)).text()).toBe('v2');
      expect(done.instances).toMatchObject([{ releaseId: next.releaseId, state: 'healthy', restarts: 0 }]);
      expect(await instancesRunning()).toBe(1);
    },
  );
});

/** Keepers of this environment, counted on the machine and not by the agent. */
async function instancesRunning(): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes('slipway-keeper') && line.includes(at.environmentId)).length;
}
