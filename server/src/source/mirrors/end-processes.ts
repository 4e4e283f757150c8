import { readdir, readFile } from 'node:fs/promises';

/**
 * Ends every process that has this in its environment; nothing where there is no /proc. A git that waits for a silent host, and its ssh,
 * outlive the server that started them: nothing tells them.
 * @param entry NAME=value, whole
 */
export async function endProcessesOf(entry: string): Promise<void> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) if (await hasEntry(pid, entry)) end(Number(pid));
}

/** Another user's can't be read, and is none of ours. */
async function hasEntry(pid: string, entry: string): Promise<boolean> {
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  return environment.split('\0').includes(entry);
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
