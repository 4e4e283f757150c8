import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { RoutedBackend } from '@slipway/protocol';

export type SampleApp = {
  name: string;
  backend: RoutedBackend;
  child: ChildProcess;
  kill(): Promise<void> /** Answers what waits for it. */;
  go(): Promise<void>;
};

/** A release of one instance, as a real process. */
export async function startSampleApp(name: string, releaseId: string = randomUUID()): Promise<SampleApp> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'sample-app.ts'), name], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(createInterface(child.stdout), 'line')) as [string];
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  const go = async () => {
    await (await fetch(`http://127.0.0.1:${port}/go`)).text();
  };
  return { name, child, kill, go, backend: { releaseId, instanceId: randomUUID(), host: '127.0.0.1', port: Number(port), weight: 100 } };
}

export { freePort } from '../../../scripts/services/throwaway.mjs';

/** Of the router with this folder. */
export async function killHaproxy(dir: string): Promise<void> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(`${dir}/haproxy/`)) process.kill(Number(pid), 'SIGKILL');
  }
}
