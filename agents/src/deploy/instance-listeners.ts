import { readlink } from 'node:fs/promises';
import { type ProcessId, treeOf } from '../sandbox/process-tree.js';
import { isAnyIpv6, isReached, type ListeningSocket, listeningSockets, textOf } from './listening-sockets.js';
import { holdersIn } from './port-owner.js';

export type InstanceListener = ListeningSocket & { process: ProcessId };

/** What the processes of an instance listen on, as they see it themselves: inside its own network where it has one. */
export async function listenersOf(root: ProcessId): Promise<InstanceListener[]> {
  const tree = treeOf(root);
  const { holders } = await holdersIn(tree);
  const sockets = await Promise.all((await oneOfEachNetwork(tree)).map((pid) => listeningSockets(pid)));
  return sockets.flat().flatMap((socket) => {
    const process = holders.get(socket.inode);
    return process ? [{ ...socket, process }] : [];
  });
}

/** Not of the machine's, where an instance has one of its own: there a helper listens in its place. */
async function oneOfEachNetwork(tree: ProcessId[]): Promise<number[]> {
  const [machines, ...networks] = await Promise.all(['self', ...tree.map(({ pid }) => pid)].map(networkOf));
  const found = new Map(networks.map((network, index) => [network, tree[index]?.pid ?? 0]));
  found.delete(null);
  if (found.size > 1) found.delete(machines ?? null);
  return [...found.values()];
}

/** Null: it has ended, or this agent may not look at it. */
const networkOf = (pid: string | number): Promise<string | null> => readlink(`/proc/${pid}/ns/net`).catch(() => null);

/** The end of a sentence on why nothing answers on the port; null: nothing was found that tells. */
export function whyNothingAnswers(listeners: readonly ListeningSocket[], port: number): string | null {
  const there = listeners.filter((socket) => socket.port === port);
  const advice = 'listen on 0.0.0.0, 127.0.0.1 or ::';
  if (there.length === 0 && listeners.length > 0)
    return `it listens on ${texts(listeners)}, but not on the port given by PORT, which is ${port}`;
  if (there.length === 0) return null;
  if (!there.some(isReached)) return `it listens on ${texts(there)} only; ${advice}`;
  return there.every(isAnyIpv6) ? `it listens on ${texts(there)} for IPv6 only; ${advice} for both` : null;
}

const texts = (sockets: readonly ListeningSocket[]): string => [...new Set(sockets.map(textOf))].slice(0, 3).join(' and ');
