import { statfs } from 'node:fs/promises';
import { availableParallelism, freemem, loadavg, totalmem } from 'node:os';
import type { Load } from '@slipway/protocol';

/** How busy this machine is; `folder` says whose disk. */
export async function machineLoad(folder: string): Promise<Load> {
  const { bavail, bsize } = await statfs(folder);
  const memoryTotal = totalmem();
  return { cpu: (loadavg()[0] ?? 0) / availableParallelism(), memoryTotal, memoryUsed: memoryTotal - freemem(), diskFree: bavail * bsize };
}
