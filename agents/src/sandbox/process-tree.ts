import { readdirSync, readFileSync, statSync } from 'node:fs';

/** A process, told from a later one with the same number by its start time in clock ticks since boot (field 22 of `/proc/<pid>/stat`). */
export type ProcessId = { pid: number; startTime: number };

const TICKS_A_SECOND = 100;

/** Now, in the unit of {@link ProcessId}. */
export const ticksSinceBoot = (): number => Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * TICKS_A_SECOND;

type ProcessStat = ProcessId & { parent: number; name: string; isZombie: boolean };

function statOf(pid: number): ProcessStat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name stands in brackets and may itself hold brackets and spaces.
    const nameEnd = text.lastIndexOf(')');
    const fields = text.slice(nameEnd + 2).split(' ');
    return {
      pid,
      name: text.slice(text.indexOf('(') + 1, nameEnd),
      isZombie: fields[0] === 'Z' || fields[0] === 'X',
      parent: Number(fields[1]),
      startTime: Number(fields[19]),
    };
  } catch {
    return null; // it has ended
  }
}

/** Null when there is no such process (any more). */
export function processIdOf(pid: number): ProcessId | null {
  const stat = statOf(pid);
  return stat && { pid, startTime: stat.startTime };
}

export function isAlive({ pid, startTime }: ProcessId): boolean {
  const stat = statOf(pid);
  return stat !== null && stat.startTime === startTime && !stat.isZombie;
}

function allProcesses(): ProcessStat[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map((entry) => statOf(Number(entry)))
    .filter((stat) => stat !== null);
}

/** `root` and all that descends from it, parents first; none when `root` has ended. */
export function treeOf(root: ProcessId): ProcessId[] {
  return isAlive(root) ? descendantsOf(root.pid, allProcesses()) : [];
}

/** These and all that descends from them, each once. */
export function withDescendants(roots: ProcessId[]): ProcessId[] {
  const all = allProcesses();
  const found = roots.flatMap(({ pid }) => descendantsOf(pid, all));
  return [...new Map(found.map((stat) => [stat.pid, stat])).values()];
}

function descendantsOf(pid: number, all: ProcessStat[]): ProcessStat[] {
  const found = all.filter((stat) => stat.pid === pid);
  for (let at = 0; at < found.length; at++) found.push(...all.filter((stat) => stat.parent === found[at]?.pid));
  return found;
}

/** The first process of the sandbox (what bubblewrap, the outermost `bwrap`, has started), then all others in it; none while it is being built. */
export function insideOf(root: ProcessId): ProcessId[] {
  if (!isAlive(root)) return [];
  const all = allProcesses();
  const tree = descendantsOf(root.pid, all);
  const builder = tree.find((stat) => stat.name === 'bwrap');
  const first = builder && tree.find((stat) => stat.parent === builder.pid);
  return first && first.name !== 'bwrap' ? descendantsOf(first.pid, all) : [];
}

/** Every process whose environment says `variable=value`, as far as this user may look. */
export function markedWith(variable: string, isValue: (value: string) => boolean): ProcessId[] {
  return allProcesses().filter(({ pid, isZombie }) => {
    if (isZombie) return false;
    const value = environmentOf(pid).find((entry) => entry.startsWith(`${variable}=`));
    return value !== undefined && isValue(value.slice(variable.length + 1));
  });
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return []; // ended, or another user's
  }
}

/** The words with which it was started; empty when it has ended. */
export function commandLineOf({ pid }: ProcessId): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      .replaceAll(/[\0\n]/g, ' ')
      .trim();
  } catch {
    return '';
  }
}

/** How many threads this user runs, which is what the kernel's limit of processes counts. */
export function threadsOf(uid: number): number {
  const counts = allProcesses().map(({ pid }) => {
    try {
      return statSync(`/proc/${pid}`).uid === uid ? readdirSync(`/proc/${pid}/task`).length : 0;
    } catch {
      return 0; // ended meanwhile
    }
  });
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Signals a process unless it has ended. */
export function signal({ pid, startTime }: ProcessId, name: NodeJS.Signals): void {
  if (!isAlive({ pid, startTime })) return;
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
