import { z } from 'zod';
import { BITBUCKET_FINAL, bitbucketProof } from '../../bitbucket/testing/proof.js';
import { HASH, type HostFixtures } from '../../testing/fixture-set.js';
import { OLD_SHA, SHA } from '../../testing/shas.js';
import { bitbucketServerListed } from './listed.js';
import { aServerFork, aServerPullRequest, aServerPush } from './payloads.js';

const push = { event: 'repo:refs_changed', payload: aServerPush({ ref: 'refs/heads/main', from: OLD_SHA, to: SHA }) };
const pullRequest = { event: 'pr:opened', payload: aServerPullRequest('pr:opened') };
const fromFork = { event: 'pr:from_ref_updated', payload: aServerPullRequest('pr:from_ref_updated', {}, aServerFork) };

export const bitbucketServerFixtures: HostFixtures = {
  path: 'acme/app',
  addresses: [
    { clone: 'https://bitbucket.example/scm/acme/app.git', api: 'https://bitbucket.example/rest/api/latest' },
    { clone: 'ssh://git@bitbucket.example:7999/acme/app.git', api: 'https://bitbucket.example/rest/api/latest' },
  ],
  completesRoot: true,
  webhook: {
    headers: (event, delivery) => ({
      'content-type': 'application/json; charset=utf-8',
      'x-event-key': event,
      'x-request-id': delivery,
    }),
    proofs: [bitbucketProof],
    calls: {
      branchMoved: push,
      pullRequest,
      fromFork,
      // It deletes a fork's pull requests with it.
      fromGoneFork: null,
      all: [push, { event: 'diagnostics:ping', payload: { test: true } }, pullRequest, fromFork],
    },
  },
  mergeMessages: [
    ['Merge pull request #5 in HOUSE/doors from topic to main', 5],
    ['Pull request #6: Add a door', 6],
  ],
  listed: bitbucketServerListed,
  status: {
    path: new RegExp(`^/rest/api/latest/projects/acme/repos/app/commits/${HASH}/builds$`),
    body: z.strictObject({
      key: z.string().min(1).max(255),
      state: z.enum(['INPROGRESS', 'SUCCESSFUL', 'FAILED', 'CANCELLED', 'UNKNOWN']),
      name: z.string().max(255),
      description: z.string().max(255),
      url: z.url().max(450),
    }),
    authorization: /^(Bearer|Basic) ./,
    final: BITBUCKET_FINAL,
    keyOf: (body) => String(body.key),
  },
};
