import type { RunRowFragment } from '../../generated/graphql.ts';

/** What started a run, for the row and the header: `push by Ada`. */
export function triggerWords(run: Pick<RunRowFragment, 'trigger' | 'triggeredBy'>): string {
  const by = run.triggeredBy ? ` by ${run.triggeredBy.name}` : '';
  return run.trigger === 'manual' ? `started${by || ' by hand'}` : `${run.trigger.replaceAll('_', ' ')}${by}`;
}

export function runTitle(run: Pick<RunRowFragment, 'commit' | 'number'>): string {
  return run.commit?.subject || `Run ${run.number}`;
}
