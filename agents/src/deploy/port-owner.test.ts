import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { type ProcessId, processIdOf } from '../sandbox/process-tree.js';
import { PortOwner } from './port-owner.js';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const { pid, exitCode } of children.splice(0)) if (pid && exitCode === null) process.kill(-pid, 'SIGKILL');
});

/** Listens in a grandchild, as an application that a shell starts does. */
async function anApplication(host: string): Promise<{ port: number; root: ProcessId }> {
  const script = `require('net').createServer().listen(0,'${host}',function(){console.log(this.address().port)})`;
  const child = spawn('/bin/sh', ['-c', '"$0" -e "$1"; true', process.execPath, script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  children.push(child);
  const [said] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  return { port: Number(said.toString()), root: processIdOf(child.pid ?? 0) as ProcessId };
}

it.each(['127.0.0.1', '0.0.0.0', '::'])('knows the instance by the socket that it listens with on %s', async (host) => {
  const { port, root } = await anApplication(host);
  const owner = new PortOwner(port, root);
  expect([await owner.look(), await owner.look()]).toEqual(['own', 'own']);
});

it('knows another process on the port, and nobody', async () => {
  const { port, root } = await anApplication('127.0.0.1');
  const stranger = createServer().listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  const { port: taken } = stranger.address() as AddressInfo;
  expect(await new PortOwner(taken, root).look()).toBe('other');
  stranger.close();
  await once(stranger, 'close');
  expect(await new PortOwner(taken, root).look()).toBe('nobody');
  expect(await new PortOwner(port, root).look()).toBe('own');
});

it('sees that another has taken the port of an instance that has ended', async () => {
  const { port, root } = await anApplication('127.0.0.1');
  const owner = new PortOwner(port, root);
  expect(await owner.look()).toBe('own');
  process.kill(Number(readFileSync(`/proc/${root.pid}/task/${root.pid}/children`, 'utf8').trim()), 'SIGKILL');
  let stranger = createServer();
  for (;;) {
    stranger = createServer().listen(port, '127.0.0.1');
    const outcome = await once(stranger, 'listening').then(
      () => 'up',
      () => 'taken',
    );
    if (outcome === 'up') break;
  }
  expect(await owner.look()).toBe('other');
  stranger.close();
});
