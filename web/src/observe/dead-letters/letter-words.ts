import type { DeadLetterKind, DeadLetterRowFragment } from '../../generated/graphql.ts';

export const KIND_WORDS: Record<DeadLetterKind, string> = {
  PUSH: 'push',
  WEBHOOK_DELIVERY: 'webhook',
  JOB: 'job',
  OUTBOX_MESSAGE: 'message',
  OBSERVATION: 'environment',
  COMMIT_STATUS: 'commit status',
  PULL_REQUEST: 'pull request',
  MIRROR: 'external repository',
  LOG: 'log',
  OVERDUE_ATTEMPT: 'lost attempt',
  OVERDUE_JOB: 'job over its time',
  DEPLOYMENT_WORK: 'deployment',
};

/** Where it belongs: `shop / api`. */
export const placeOf = ({ projectName, repositoryName }: Pick<DeadLetterRowFragment, 'projectName' | 'repositoryName'>): string =>
  [projectName, repositoryName].filter(Boolean).join(' / ');
