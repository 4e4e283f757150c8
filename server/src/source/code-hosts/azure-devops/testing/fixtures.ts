import { z } from 'zod';
import { HASH, type HostFixtures } from '../../testing/fixture-set.js';
import { azureListed } from './listed.js';
import { anAzureFork, anAzurePullRequest, anAzurePush } from './payloads.js';

const push = { event: 'git.push', payload: anAzurePush() };
const pullRequest = { event: 'git.pullrequest.created', payload: anAzurePullRequest() };
const fromFork = { event: 'git.pullrequest.updated', payload: anAzurePullRequest(anAzureFork, 'git.pullrequest.updated') };

export const azureDevopsFixtures: HostFixtures = {
  path: 'acme/web/_git/app',
  addresses: [
    { clone: 'https://dev.azure.com/fabrikam/web/_git/app', api: 'https://dev.azure.com/fabrikam/web' },
    { clone: 'https://dev.azure.com/fabrikam/_git/app', api: 'https://dev.azure.com/fabrikam/app' },
    { clone: 'git@ssh.dev.azure.com:v3/fabrikam/web/app', api: 'https://dev.azure.com/fabrikam/web' },
    { clone: 'https://fabrikam.visualstudio.com/web/_git/app', api: 'https://fabrikam.visualstudio.com/web' },
    { clone: 'https://fabrikam.visualstudio.com/_git/app', api: 'https://fabrikam.visualstudio.com/app' },
    {
      clone: 'https://fabrikam.visualstudio.com/DefaultCollection/web/_git/app',
      api: 'https://fabrikam.visualstudio.com/DefaultCollection/web',
    },
    { clone: 'https://git.example/Main/My%20web/_git/app', api: 'https://git.example/Main/My%20web' },
    { clone: 'https://git.example:8443/Main/_git/app', api: 'https://git.example:8443/Main/app' },
    { clone: 'http://git.example:8080/tfs/Main/_git/app', api: 'http://git.example:8080/tfs/Main/app' },
    { clone: 'http://git.example:8080/tfs/Main/web/_git/app', api: 'http://git.example:8080/tfs/Main/web' },
    { clone: 'ssh://git@git.example/Main/web/_git/app', api: 'https://git.example/Main/web' },
  ],
  completesRoot: false,
  webhook: {
    headers: () => ({ 'content-type': 'application/json; charset=utf-8' }),
    proofs: [
      {
        header: 'authorization',
        of: (_body, secret) => `Basic ${Buffer.from(`slipway:${secret}`).toString('base64')}`,
        foreign: (_body, secret) => `Bearer ${secret}`,
        isSignature: false,
      },
    ],
    calls: {
      branchMoved: push,
      pullRequest,
      fromFork,
      fromGoneFork: { event: 'git.pullrequest.updated', payload: anAzurePullRequest({ forkSource: { repository: null } }) },
      all: [push, pullRequest, fromFork],
    },
  },
  mergeMessages: [['Merged PR 12: Add a door\n\nIt opens.', 12]],
  listed: azureListed,
  status: {
    path: new RegExp(`^/_apis/git/repositories/app/commits/${HASH}/statuses\\?api-version=5\\.0$`),
    body: z.strictObject({
      state: z.enum(['notSet', 'pending', 'succeeded', 'failed', 'error', 'notApplicable']),
      description: z.string(),
      targetUrl: z.url(),
      context: z.strictObject({ genre: z.string(), name: z.string().min(1) }),
    }),
    authorization: /^Basic ./,
    final: ['succeeded', 'failed', 'error'],
    keyOf: ({ context }) => {
      const { genre, name } = context as { genre: string; name: string };
      return `${genre}/${name}`;
    },
  },
};
