import { readdir, readFile, readlink } from 'node:fs/promises';

/** How many descriptors the processes have open that listen on this port. */
export async function descriptorsBehind(port: number): Promise<number> {
  const listening = await listeningSockets(port);
  let open = 0;
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const links = await openFiles(pid);
    if (links.some((link) => listening.has(link))) open += links.length;
  }
  return open;
}

async function listeningSockets(port: number): Promise<Set<string>> {
  const LISTEN = '0A';
  const found = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const row of (await readFile(table, 'utf8')).split('\n').slice(1)) {
      const [, local, , state, , , , , , inode] = row.trim().split(/\s+/);
      if (state === LISTEN && Number.parseInt(local?.split(':')[1] ?? '', 16) === port) found.add(`socket:[${inode}]`);
    }
  }
  return found;
}

/** Nothing for a process that has ended meanwhile, or is another user's. */
async function openFiles(pid: string): Promise<string[]> {
  const names = await readdir(`/proc/${pid}/fd`).catch(() => []);
  return Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => 'closed')));
}
