import { type HostFixtures, hexHmac } from '../../testing/fixture-set.js';
import { hubListed } from './listed.js';
import { aFork, aNamedRef, aPullRequest, aPush } from './payloads.js';
import { hubStatus } from './status-shape.js';

const push = { event: 'push', payload: aPush() };
const pullRequest = { event: 'pull_request', payload: aPullRequest() };
const fromFork = { event: 'pull_request', payload: aPullRequest({ head: aFork }) };

export const githubFixtures: HostFixtures = {
  path: 'acme/app',
  addresses: [
    { clone: 'git@github.com:acme/app.git', api: 'https://api.github.com' },
    { clone: 'https://github.com/acme/app', api: 'https://api.github.com' },
    { clone: 'https://git.example:8443/acme/app.git', api: 'https://git.example:8443/api/v3' },
  ],
  completesRoot: false,
  webhook: {
    headers: (event, delivery) => ({
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/1',
      'x-github-event': event,
      'x-github-delivery': delivery,
    }),
    proofs: [
      {
        header: 'x-hub-signature-256',
        of: (body, secret) => `sha256=${hexHmac(body, secret)}`,
        foreign: (body, secret) => `sha1=${hexHmac(body, secret, 'sha1')}`,
        isSignature: true,
      },
    ],
    calls: {
      branchMoved: push,
      pullRequest,
      fromFork,
      fromGoneFork: { event: 'pull_request', payload: aPullRequest({ head: { ...aFork, repo: null } }) },
      all: [
        push,
        { event: 'create', payload: aNamedRef() },
        { event: 'ping', payload: { zen: 'Keep it logically awesome.' } },
        pullRequest,
        fromFork,
      ],
    },
  },
  mergeMessages: [
    ['Merge pull request #12 from ada/topic\n\nTitle', 12],
    ['Add a door (#345)\n\n* one', 345],
  ],
  listed: hubListed(''),
  status: hubStatus('', /^Bearer ./),
};
