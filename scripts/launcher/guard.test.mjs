import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ROOT } from '../bootstrap/paths.mjs';
import { Guard } from './guard.mjs';
import { Installation } from './installation.mjs';
import { isRunning, nameProcess } from './process-facts.mjs';

let dataDir = '';
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'slipway-guard-'));
  await mkdir(join(dataDir, 'agent'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

/** Starts an application that outlives it, says so in a file, and is then never heard of again. */
const STUCK_AGENT = `
const { spawn } = require('node:child_process'), { writeFileSync } = require('node:fs');
const [file, mark] = process.argv.slice(1);
const app = spawn('sleep', ['943210'], { detached: true, stdio: 'ignore', env: { PATH: '/usr/bin:/bin', SLIPWAY_SANDBOX_NAME: mark } });
writeFileSync(file + '.new', String(app.pid));
require('node:fs').renameSync(file + '.new', file);
for (;;) {}
`;

function stuckAgent() {
  const owner = createHash('sha256').update(join(dataDir, 'agent')).digest('hex').slice(0, 10);
  /** @type {import('../services/service.mjs').Service} */
  const service = {
    name: 'agent',
    command: process.execPath,
    args: ['-e', STUCK_AGENT, join(dataDir, 'app'), `${owner}/app`],
    env: { PATH: '/usr/bin:/bin' },
    cwd: dataDir,
    logFile: join(dataDir, 'agent.log'),
    ipc: true,
    stopSignal: 'SIGTERM',
    stopWithinMs: 300,
    readyWithinMs: 5_000,
    isReady: () =>
      readFile(join(dataDir, 'app')).then(
        () => true,
        () => false,
      ),
  };
  return service;
}

const application = async () => nameProcess(Number(await readFile(join(dataDir, 'app'), 'utf8')));

describe('the guard of an installation', () => {
  it.each(['a blocked', 'a halted'])('ends the applications of %s agent', async (what) => {
    const guard = new Guard({ dataDir, agentDir: join(dataDir, 'agent') });
    const installation = new Installation(join(dataDir, 'services.json'), () => undefined);
    await installation.start(stuckAgent(), { isReadyAtOnce: true });
    const app = await application();
    expect(isRunning(app)).toBe(true);
    const { agent } = JSON.parse(await readFile(join(dataDir, 'services.json'), 'utf8')).processes;
    if (what === 'a halted') process.kill(agent.pid, 'SIGSTOP');
    await installation.stopAll({ agent: () => guard.end() });
    expect([isRunning(agent), isRunning(app)]).toEqual([false, false]);
  });

  it('ends a stuck agent and its applications when the launcher is killed', async () => {
    const script = `
      const { Guard } = await import('${ROOT}/scripts/launcher/guard.mjs');
      new Guard({ dataDir: '${dataDir}', agentDir: '${join(dataDir, 'agent')}', agentWithinMs: 300 });
      setInterval(() => {}, 1000);
      process.send('up');
    `;
    const launcher = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    await new Promise((resolve) => launcher.once('message', resolve));
    const { command, args, env } = stuckAgent();
    const agent = spawn(command, args, { env, detached: true, stdio: 'ignore' });
    await vi.waitFor(() => application(), { timeout: 5_000 });
    const names = [nameProcess(/** @type {number} */ (agent.pid)), await application()];
    await writeFile(join(dataDir, 'services.json'), JSON.stringify({ processes: { agent: names[0] } }));
    await writeFile(join(dataDir, 'lock.json'), JSON.stringify(nameProcess(/** @type {number} */ (launcher.pid))));
    launcher.kill('SIGKILL');
    await vi.waitFor(() => expect(names.map(isRunning)).toEqual([false, false]), { timeout: 25_000, interval: 100 });
  }, 30_000);
});
