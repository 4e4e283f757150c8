import { z } from 'zod';
import { HASH, type HostFixtures } from '../../testing/fixture-set.js';
import { bitbucketListed } from './listed.js';
import { aCloudPullRequest, aCloudPush, aCloudRef } from './payloads.js';
import { BITBUCKET_FINAL, bitbucketProof } from './proof.js';

const push = { event: 'repo:push', payload: aCloudPush({ old: aCloudRef('main'), new: aCloudRef('main') }) };
const pullRequest = { event: 'pullrequest:created', payload: aCloudPullRequest() };
const fromFork = { event: 'pullrequest:updated', payload: aCloudPullRequest({}, 'grace/site') };
const { source } = aCloudPullRequest().pullrequest;

export const bitbucketFixtures: HostFixtures = {
  path: 'acme/app',
  addresses: [{ clone: 'https://bitbucket.org/acme/app.git', api: 'https://api.bitbucket.org/2.0' }],
  completesRoot: true,
  webhook: {
    headers: (event, delivery) => ({ 'content-type': 'application/json', 'x-event-key': event, 'x-request-uuid': delivery }),
    proofs: [bitbucketProof],
    calls: {
      branchMoved: push,
      pullRequest,
      fromFork,
      fromGoneFork: { event: 'pullrequest:updated', payload: aCloudPullRequest({ source: { ...source, repository: null } }) },
      all: [push, pullRequest, fromFork],
    },
  },
  mergeMessages: [['Merged in topic (pull request #4)\n\nAdd a door', 4]],
  listed: bitbucketListed,
  status: {
    path: new RegExp(`^/2\\.0/repositories/acme/app/commit/${HASH}/statuses/build$`),
    body: z.strictObject({
      key: z.string().min(1).max(40),
      state: z.enum(['INPROGRESS', 'SUCCESSFUL', 'FAILED', 'STOPPED']),
      name: z.string().max(255),
      description: z.string(),
      url: z.url(),
    }),
    authorization: /^(Bearer|Basic) ./,
    final: BITBUCKET_FINAL,
    keyOf: (body) => String(body.key),
  },
};
