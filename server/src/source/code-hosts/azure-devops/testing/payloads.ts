import { OLD_SHA, SHA } from '../../testing/shas.js';

type Over = Record<string, unknown>;

const ORGANIZATION = 'https://dev.azure.com/fabrikam';

export const aRepository = (id: string, project: string, name = 'site') => ({
  id,
  name,
  url: `${ORGANIZATION}/_apis/git/repositories/${id}`,
  project: { id: `project of ${id}`, name: project, state: 'wellFormed' },
  // With the name of whoever looks, as the host gives it for cloning.
  remoteUrl: `https://fabrikam@dev.azure.com/fabrikam/${project}/_git/${name}`,
});

const event = (eventType: string, resource: object) => ({
  subscriptionId: '00000000-0000-0000-0000-000000000000',
  notificationId: 1,
  id: '03c164c2-8912-4d5e-8009-3707d5f83734',
  eventType,
  publisherId: 'tfs',
  message: { text: 'Ada did something.' },
  resource,
  resourceVersion: '1.0',
  createdDate: '2026-01-31T12:00:00.000Z',
});

export const anAzurePush = (...updates: { name: string; oldObjectId: string; newObjectId: string }[]) =>
  event('git.push', {
    commits: [{ commitId: SHA, comment: 'Add a licence' }],
    refUpdates: updates.length > 0 ? updates : [{ name: 'refs/heads/main', oldObjectId: OLD_SHA, newObjectId: SHA }],
    repository: aRepository('r1', 'acme'),
    pushedBy: { displayName: 'ada' },
    pushId: 14,
  });

export const anAzurePullRequest = (over: Over = {}, eventType = 'git.pullrequest.created') =>
  event(eventType, {
    repository: aRepository('r1', 'acme'),
    pullRequestId: 7,
    status: 'active',
    createdBy: { displayName: 'ada', uniqueName: 'ada@fabrikam.example' },
    creationDate: '2026-01-31T11:00:00Z',
    title: 'Add a licence',
    sourceRefName: 'refs/heads/topic',
    targetRefName: 'refs/heads/main',
    mergeStatus: 'succeeded',
    lastMergeSourceCommit: { commitId: SHA },
    lastMergeTargetCommit: { commitId: OLD_SHA },
    ...over,
  });

export const anAzureFork = { forkSource: { name: 'refs/heads/topic', repository: aRepository('r2', 'grace') } };
