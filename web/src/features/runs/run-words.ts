import type { RunRowFragment } from '../../generated/graphql.ts';

/** What started a run, for the row and the header: `push by Ada`. */
export function triggerWords(run: Pick<RunRowFragment, 'trigger' | 'triggeredBy' | 'pullRequest'>): string {
  if (run.pullRequest) return `pull request #${run.pullRequest.number}`;
  const by = run.triggeredBy ? ` by ${run.triggeredBy.name}` : '';
  return run.trigger === 'MANUAL' ? `started${by || ' by hand'}` : `${run.trigger.toLowerCase().replaceAll('_', ' ')}${by}`;
}

/** Of a pull request the commit is the merge that Slipway made: its title says more. */
export function runTitle(run: Pick<RunRowFragment, 'commit' | 'number' | 'pullRequest'>): string {
  if (run.pullRequest) return run.pullRequest.title;
  return run.commit?.subject || `Run ${run.number}`;
}
