import type { EnvironmentDetailsFragment } from '../../generated/graphql.ts';

type Instance = EnvironmentDetailsFragment['instances'][number];

/** Null: it starts, leaves or has ended; its state says so. */
export function instanceRole({ serving, state }: Pick<Instance, 'serving' | 'state'>): 'live' | 'standby' | null {
  if (serving) return 'live';
  return state === 'HEALTHY' || state === 'UNHEALTHY' ? 'standby' : null;
}

const times = (count: number) => (count === 1 ? 'once' : `${count} times`);

/** What is wrong with it, or where it runs; and how often it was started again. */
export function instanceWords({ message, port, pid, restarts, recentRestarts }: Omit<Instance, 'release'>): string {
  const where = message ?? `Port ${port}${pid ? `, process ${pid}` : ''}`;
  if (recentRestarts > 0) return `${where}; restarted ${times(recentRestarts)} in the last hour`;
  return restarts > 0 ? `${where}; restarted ${times(restarts)}, not in the last hour` : where;
}
