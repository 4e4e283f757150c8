import type { EnvironmentDetailsFragment } from '../../generated/graphql.ts';

type Instance = EnvironmentDetailsFragment['instances'][number];

/** Null: it starts, leaves or has ended; its state says so. */
export function instanceRole({ serving, state }: Pick<Instance, 'serving' | 'state'>): 'live' | 'standby' | null {
  if (serving) return 'live';
  return state === 'HEALTHY' || state === 'UNHEALTHY' ? 'standby' : null;
}

const times = (count: number) => (count === 1 ? 'once' : `${count} times`);

/** What is wrong with it, or where it runs; how often it was started again, and with which limits if they are not the present ones. */
export function instanceWords(instance: Omit<Instance, 'release'>): string {
  const { message, port, pid, earlierLimits } = instance;
  const where = message ?? `Port ${port}${pid ? `, process ${pid}` : ''}`;
  const limits = earlierLimits ? `runs with its earlier limits (${limitWords(earlierLimits)})` : null;
  return [where, restartWords(instance), limits].filter((each) => each !== null).join('; ');
}

function restartWords({ restarts, recentRestarts }: Pick<Instance, 'restarts' | 'recentRestarts'>): string | null {
  if (recentRestarts > 0) return `restarted ${times(recentRestarts)} in the last hour`;
  return restarts > 0 ? `restarted ${times(restarts)}, not in the last hour` : null;
}

type Limits = NonNullable<Instance['earlierLimits']>;

function limitWords({ cpuCores, memoryMib, storageMib }: Limits): string {
  const set = [
    cpuCores == null ? null : `${cpuCores} ${cpuCores === 1 ? 'core' : 'cores'}`,
    memoryMib == null ? null : `${memoryMib} MiB of memory`,
    storageMib == null ? null : `${storageMib} MiB of storage`,
  ].filter((each) => each !== null);
  return set.join(', ') || 'none';
}
