import { readdirSync, readFileSync } from 'node:fs';

/** Names one process for ever: a pid alone may be given to another. */
export type ProcessName = { pid: number; startTime: string; command: string };

/** Everything that belongs to an installation: what npm started with all that it started, and whatever else has to do with its folder. */
export function processesOf(dataDir: string, root: number | undefined): ProcessName[] {
  const all = pids();
  const tree = new Set(root === undefined ? [] : treeOf(root, all));
  return all.filter((pid) => pid !== process.pid && (tree.has(pid) || belongsTo(pid, dataDir))).flatMap((pid) => nameOf(pid) ?? []);
}

/** Processes of jobs: their sandboxes mount folders of the agent's slots. */
export function jobProcesses(dataDir: string): ProcessName[] {
  return pids()
    .filter((pid) => read(pid, 'mountinfo').includes(`${dataDir}/agent/slots/`))
    .flatMap((pid) => nameOf(pid) ?? []);
}

export function isRunning({ pid, startTime }: ProcessName): boolean {
  return nameOf(pid)?.startTime === startTime;
}

const pids = (): number[] => readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));

function treeOf(root: number, all: number[]): number[] {
  const children = Map.groupBy(all, (pid) => Number(statOf(pid)?.[1]));
  const tree = [root];
  for (let at = 0; at < tree.length; at++) tree.push(...(children.get(tree[at] as number) ?? []));
  return tree;
}

const belongsTo = (pid: number, dataDir: string): boolean =>
  ['cmdline', 'environ', 'mountinfo'].some((file) => read(pid, file).includes(dataDir));

/** Null: there is no such process, or only its exit status is left. */
function nameOf(pid: number): ProcessName | null {
  const stat = statOf(pid);
  if (!stat || stat[0] === 'Z') return null;
  return { pid, startTime: stat[19] as string, command: read(pid, 'cmdline').replaceAll('\0', ' ').slice(0, 160) };
}

/** Fields of /proc/<pid>/stat from the state on: state, parent, … start time. */
function statOf(pid: number): string[] | null {
  const stat = read(pid, 'stat');
  return stat === '' ? null : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // ended since
  }
}
