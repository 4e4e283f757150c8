import { readdir, readFile, readlink } from 'node:fs/promises';

/** Whether a process of this machine may be at work in a bare repository: it was told of the folder, or is in it. Without /proc nobody knows, so: true. */
export async function isWorkedIn(gitDir: string): Promise<boolean> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  if (pids.length === 0) return true;
  for (const pid of pids) if (await isAt(pid, gitDir)) return true;
  return false;
}

async function isAt(pid: string, gitDir: string): Promise<boolean> {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''); // ended since
  if (commandLine.includes(gitDir)) return true;
  const folder = await readlink(`/proc/${pid}/cwd`).catch(() => ''); // ended since, or somebody else's
  return folder === gitDir || folder.startsWith(`${gitDir}/`);
}
