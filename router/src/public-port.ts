import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Refused } from './refusal.js';

const LOOK_MS = 5;
/** HAProxy frees a port within milliseconds of being told. */
const FREE_WITHIN_MS = 2_000;

/** Whether this machine listens on IPv6 addresses, and on IPv4 through them. */
export async function hasIpv6(): Promise<boolean> {
  return (await tryPort(0, '::')) === null;
}

/** @throws Refused `port_in_use`, `port_forbidden` */
export async function refuseTakenPort(port: number): Promise<void> {
  const error = await tryPort(port);
  if (error?.code === 'EADDRINUSE')
    throw new Refused(
      409,
      'port_in_use',
      `Port ${port} can't be opened: another program on this machine listens on it. "ss -ltnp" shows which. Stop it; the port is then taken by itself.`,
    );
  if (error?.code === 'EACCES')
    throw new Refused(
      409,
      'port_forbidden',
      `Port ${port} can't be opened: the router's user may not listen on it. Allow it (CAP_NET_BIND_SERVICE for ports below 1024); the port is then taken by itself.`,
    );
  if (error) throw error;
}

export async function isFree(port: number): Promise<boolean> {
  return (await tryPort(port)) === null;
}

export async function untilFree(port: number): Promise<void> {
  for (const giveUpAt = performance.now() + FREE_WITHIN_MS; performance.now() < giveUpAt && !(await isFree(port)); ) await sleep(LOOK_MS);
}

/** @returns why it can't be listened on */
async function tryPort(port: number, host?: string): Promise<NodeJS.ErrnoException | null> {
  const server: Server = createServer();
  try {
    server.listen({ port, ...(host && { host }) });
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return null;
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
}
