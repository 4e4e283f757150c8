import { chmod, mkdir, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { dirname } from 'node:path';

/** Linux allows 107 bytes, macOS 103. */
export const MAX_PATH_BYTES = 103;

/**
 * Listens where only the owner can connect. A socket file that a dead router left is replaced.
 * @throws Error when a living router has it.
 */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  if (Buffer.byteLength(path) > MAX_PATH_BYTES)
    throw new Error(
      `The router can't listen on ${path}: the path of a socket has at most ${MAX_PATH_BYTES} bytes. Set SLIPWAY_ROUTER_SOCKET to a shorter path.`,
    );
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  if (await answers(path)) throw new Error(`The router can't start: another router already listens on ${path}. Stop that one first.`);
  await rm(path, { force: true });
  await bind(server, path);
  await chmod(path, 0o600);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function bind(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const before = process.umask(0o177); // the file must never be open to others, not even before chmod
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
    process.umask(before);
  });
}
