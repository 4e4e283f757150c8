import { hubListed } from '../../github/testing/listed.js';
import { aFork, aNamedRef, aPullRequest, aPush } from '../../github/testing/payloads.js';
import { hubStatus } from '../../github/testing/status-shape.js';
import { type HostFixtures, hexHmac } from '../../testing/fixture-set.js';

const push = { event: 'push', payload: aPush() };
const pullRequest = { event: 'pull_request', payload: aPullRequest() };
const fromFork = { event: 'pull_request_sync', payload: aPullRequest({ action: 'synchronized', head: aFork }) };
const sha1 = (body: Uint8Array, secret: string) => hexHmac(body, secret, 'sha1');

export const giteaFixtures: HostFixtures = {
  path: 'acme/app',
  addresses: [
    { clone: 'http://git.example:3000/acme/app', api: 'http://git.example:3000/api/v1' },
    { clone: 'https://codeberg.org/acme/app.git', api: 'https://codeberg.org/api/v1' },
  ],
  completesRoot: true,
  webhook: {
    headers: (event, delivery) => ({
      'content-type': 'application/json',
      // Beside its own it sends the headers of those whom it follows.
      'x-github-event': event,
      'x-github-delivery': delivery,
      'x-gogs-event': event,
      'x-gitea-event': event,
      'x-gitea-delivery': delivery,
    }),
    proofs: [
      { header: 'x-gitea-signature', of: hexHmac, foreign: sha1, isSignature: true },
      {
        header: 'x-forgejo-signature',
        beside: { 'x-forgejo-event': 'push', 'x-forgejo-delivery': 'f1' },
        of: hexHmac,
        foreign: sha1,
        isSignature: true,
      },
    ],
    calls: {
      branchMoved: push,
      pullRequest,
      fromFork,
      fromGoneFork: { event: 'pull_request', payload: aPullRequest({ head: { ...aFork, repo: null } }) },
      all: [push, { event: 'delete', payload: aNamedRef() }, pullRequest, fromFork],
    },
  },
  mergeMessages: [
    ["Merge pull request 'Add a door' (#7) from topic into main", 7],
    ['Add a door (#8)', 8],
  ],
  listed: hubListed('/api/v1'),
  status: hubStatus('/api/v1', /^token ./),
};
