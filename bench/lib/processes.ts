import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const MIB = 2 ** 20;
/** Of the kernel's process times; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

const kib = (text: string, name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? Number.NaN);

/** Memory that this process costs: what it shares is counted in part. */
export const pssMib = (pid: number): number => (kib(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'), 'Pss') * 1024) / MIB;

export const rssMib = (pid: number): number => (kib(readFileSync(`/proc/${pid}/status`, 'utf8'), 'VmRSS') * 1024) / MIB;

/** The largest resident memory since the process began or {@link forgetPeak}. */
export const peakMib = (pid: number): number => (kib(readFileSync(`/proc/${pid}/status`, 'utf8'), 'VmHWM') * 1024) / MIB;

export const forgetPeak = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, '5');

/** Processor time so far, in the kernel and outside. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** A process and all that it started, for as long as the tie lasts. */
export function treeOf(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    const parent = parentOf(Number(name));
    if (parent !== null) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const tree = [root];
  for (let at = 0; at < tree.length; at++) tree.push(...(children.get(tree[at] as number) ?? []));
  return tree;
}

function parentOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null; // ended since
  }
}
