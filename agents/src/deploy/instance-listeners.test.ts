import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { type ProcessId, processIdOf } from '../sandbox/process-tree.js';
import { listenersOf, whyNothingAnswers } from './instance-listeners.js';
import { type ListeningSocket, textOf } from './listening-sockets.js';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const { pid, exitCode } of children.splice(0)) if (pid && exitCode === null) process.kill(-pid, 'SIGKILL');
});

/** Listens in a grandchild, as an application that a shell starts does. */
async function anApplication(options: object): Promise<{ port: number; root: ProcessId }> {
  const script = `require('net').createServer().listen(${JSON.stringify({ port: 0, ...options })},function(){console.log(this.address().port)})`;
  const child = spawn('/bin/sh', ['-c', '"$0" -e "$1"; true', process.execPath, script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  children.push(child);
  const [said] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  return { port: Number(said.toString()), root: processIdOf(child.pid ?? 0) as ProcessId };
}

describe('where an instance listens', () => {
  it.each([
    [{ host: '127.0.0.1' }, null],
    [{ host: '::' }, null], // IPv4 too: it does answer
    [{ host: '::1' }, 'it listens on [::1]:P only; listen on 0.0.0.0, 127.0.0.1 or ::'],
    [{ host: '127.1.2.3' }, 'it listens on 127.1.2.3:P only; listen on 0.0.0.0, 127.0.0.1 or ::'],
    [{ host: '::', ipv6Only: true }, 'it listens on [::]:P for IPv6 only; listen on 0.0.0.0, 127.0.0.1 or :: for both'],
  ])('is found, and said where nothing reaches it: %j', async (options, why) => {
    const { port, root } = await anApplication(options);
    const found = await listenersOf(root);
    expect(found.map((socket) => socket.port)).toEqual([port]);
    // To the eye, an IPv6 socket that takes IPv4 too looks like one that does not: only one that was refused is asked why.
    if (why !== null || options.host !== '::') expect(whyNothingAnswers(found, port)).toBe(why?.replace('P', `${port}`) ?? null);
  });

  it('is said when it is another port than the one that was given', async () => {
    const { port, root } = await anApplication({ host: '127.0.0.1' });
    expect(whyNothingAnswers(await listenersOf(root), 25_000)).toBe(
      `it listens on 127.0.0.1:${port}, but not on the port given by PORT, which is 25000`,
    );
    expect(whyNothingAnswers([], 25_000)).toBeNull();
  });

  it('is written as people write it', () => {
    const text = (address: string) => textOf({ inode: '1', address, port: 80 } satisfies ListeningSocket);
    expect(text('0100007F')).toBe('127.0.0.1:80');
    expect(text('00000000000000000000000001000000')).toBe('[::1]:80');
    expect(text('B80D01200000000067452301EFCDAB89')).toBe('[2001:db8::123:4567:89ab:cdef]:80');
  });
});
