import { readdir, readlink } from 'node:fs/promises';
import { isAlive, type ProcessId, treeOf } from '../sandbox/process-tree.js';
import { isReached, listeningSockets } from './listening-sockets.js';

/** `unknown`: it belongs to a process that this agent may not look at. */
export type Owner = 'own' | 'other' | 'nobody' | 'unknown';

/**
 * Finds out who listens on a port of the machine's loopback, because an answer alone does not prove that the instance sent it. The socket belongs to
 * the instance's own process, or to the helper that leads into its network.
 */
export class PortOwner {
  /** The process of the instance that holds the port, once that was seen. */
  listener: ProcessId | null = null;
  /** Sockets found to be the instance's; a number is not used again while its socket is open. */
  private known: string[] = [];

  constructor(
    private readonly port: number,
    private readonly root: ProcessId,
  ) {}

  async look(): Promise<Owner> {
    const listening = await listeningOn(this.port);
    if (listening.length === 0) return 'nobody';
    if (this.listener && isAlive(this.listener) && listening.every((socket) => this.known.includes(socket))) return 'own';
    this.listener = null;
    const { holders, isWhole } = await holdersIn(treeOf(this.root));
    if (listening.every((socket) => holders.has(socket))) {
      this.known = listening;
      this.listener = holders.get(listening[0] ?? '') ?? null;
      return 'own';
    }
    return isWhole ? 'other' : 'unknown';
  }
}

/** Numbers (inodes) of the sockets. */
async function listeningOn(port: number): Promise<string[]> {
  const sockets = await listeningSockets('self');
  return sockets.filter((socket) => socket.port === port && isReached(socket)).map(({ inode }) => inode);
}

/** @returns by socket the first process that holds it; `isWhole`: false when one of the processes could not be looked at */
export async function holdersIn(processes: ProcessId[]): Promise<{ holders: Map<string, ProcessId>; isWhole: boolean }> {
  const holders = new Map<string, ProcessId>();
  let isWhole = true;
  for (const { pid, startTime } of processes) {
    const open = await readdir(`/proc/${pid}/fd`).catch((error: NodeJS.ErrnoException) => {
      isWhole &&= error.code === 'ENOENT'; // it has ended
      return [];
    });
    const targets = await Promise.all(open.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
    for (const target of targets.filter((each) => each.startsWith('socket:['))) {
      const socket = target.slice('socket:['.length, -1);
      if (!holders.has(socket)) holders.set(socket, { pid, startTime });
    }
  }
  return { holders, isWhole };
}
