import { statfs } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import type { JobLimits } from '@slipway/protocol';

const MIB = 1024 ** 2;
/** What a machine keeps for itself and for the agent. */
const SHARE_OF_JOBS = 0.9;
const PROCESSES = 4_096;
const LEAST = { memoryMib: 1_024, diskMib: 1_024 };

export type LimitSettings = { cpuCores?: number; memoryMib?: number; processes?: number; diskMib?: number };
export type FullLimits = { cpuCores: number; memoryMib: number; processes: number; diskMib: number };

/** The default limits of a job: nine tenths of the cores, and one slot's share of nine tenths of the memory and of the free disk. */
export async function limitsOfJobs(set: LimitSettings, slots: number, folder: string): Promise<FullLimits> {
  const { bavail, bsize } = await statfs(folder);
  const share = (bytes: number, least: number): number => Math.max(least, Math.floor((bytes * SHARE_OF_JOBS) / slots / MIB));
  return {
    cpuCores: set.cpuCores ?? Math.round(availableParallelism() * SHARE_OF_JOBS * 10) / 10,
    memoryMib: set.memoryMib ?? share(totalmem(), LEAST.memoryMib),
    processes: set.processes ?? PROCESSES,
    diskMib: set.diskMib ?? share(bavail * bsize, LEAST.diskMib),
  };
}

/** The smaller of what the job asks for and what the agent gives. */
export function within(agents: FullLimits, { cpuCores, memoryMib, processes, diskMib = null }: JobLimits): FullLimits {
  const least = (asked: number | null, given: number): number => Math.min(asked ?? given, given);
  return {
    cpuCores: least(cpuCores, agents.cpuCores),
    memoryMib: least(memoryMib, agents.memoryMib),
    processes: least(processes, agents.processes),
    diskMib: least(diskMib, agents.diskMib),
  };
}
