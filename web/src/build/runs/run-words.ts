import type { RunRowFragment } from '../../generated/graphql.ts';

type Cause = Pick<RunRowFragment, 'trigger' | 'triggeredBy' | 'retriedBy' | 'pullRequest'>;

/** What brought a run about. */
export type RunOrigin = 'push' | 'pull-request' | 'manual' | 'deploy' | 'rollback' | 'rerun';

const ORIGINS: Record<RunRowFragment['trigger'], RunOrigin> = {
  PUSH: 'push',
  PULL_REQUEST: 'pull-request',
  MANUAL: 'manual',
  DEPLOY: 'deploy',
  ROLLBACK: 'rollback',
};

/** A job that was tried again is the last thing that somebody did to a run. */
export const originOf = (run: Cause): RunOrigin => (run.retriedBy ? 'rerun' : ORIGINS[run.trigger]);

const VERBS: Record<RunOrigin, string> = {
  push: 'Pushed',
  'pull-request': 'Pull request',
  manual: 'Started',
  deploy: 'Deployed',
  rollback: 'Rolled back',
  rerun: 'Retried',
};

/** What started it and who did: never the commit's author, who may not even know. */
export function triggerWords(run: Cause): string {
  const origin = originOf(run);
  if (origin === 'pull-request' && run.pullRequest) return `Pull request #${run.pullRequest.number}`;
  const by = origin === 'rerun' ? run.retriedBy : run.triggeredBy;
  return by ? `${VERBS[origin]} by ${by.name}` : VERBS[origin];
}

type Titled = Pick<RunRowFragment, 'commit' | 'number' | 'pullRequest' | 'deployment' | 'triggeredBy'>;

/**
 * Of a pull request the commit is the merge that Slipway made: its title says more. A direct deployment or rollback is what somebody did,
 * and not the commit that it brings.
 */
export function runTitle(run: Titled): string {
  if (run.deployment) return deploymentTitle(run.deployment, run.triggeredBy?.name);
  if (run.pullRequest) return run.pullRequest.title;
  return run.commit?.subject || `Run ${run.number}`;
}

function deploymentTitle({ kind, environment, release }: NonNullable<Titled['deployment']>, who = 'Somebody'): string {
  return kind === 'rollback'
    ? `${who} rolled ${environment.name} back to ${release.version}`
    : `${who} deployed ${release.version} to ${environment.name}`;
}
