import { createHash, createHmac } from 'node:crypto';
import { z } from 'zod';
import { HASH, type HostFixtures } from '../../testing/fixture-set.js';
import { gitlabListed } from './listed.js';
import { aGitlabFork, aGitlabPush, aMergeRequest } from './payloads.js';

const push = { event: 'Push Hook', payload: aGitlabPush() };
const pullRequest = { event: 'Merge Request Hook', payload: aMergeRequest() };
const fromFork = { event: 'Merge Request Hook', payload: aMergeRequest({ merge: aGitlabFork }) };

/** Standard Webhooks, with a token of the form that the page shows: 32 bytes, in base64. */
const signed = (algorithm: string, version: string) => (body: Uint8Array, secret: string) => {
  const key = createHash('sha256').update(secret).digest();
  return `${version},${createHmac(algorithm, key).update('m1.1770000000.').update(body).digest('base64')}`;
};

export const gitlabFixtures: HostFixtures = {
  path: 'acme/app',
  addresses: [
    { clone: 'ssh://git@git.example:2222/acme/app.git', api: 'https://git.example/api/v4' },
    { clone: 'https://gitlab.com/acme/web/app', api: 'https://gitlab.com/api/v4' },
  ],
  completesRoot: true,
  webhook: {
    headers: (event, delivery) => ({ 'content-type': 'application/json', 'x-gitlab-event': event, 'idempotency-key': delivery }),
    proofs: [
      { header: 'x-gitlab-token', of: (_body, secret) => secret, foreign: null, isSignature: false },
      {
        header: 'webhook-signature',
        beside: { 'webhook-id': 'm1', 'webhook-timestamp': '1770000000' },
        of: signed('sha256', 'v1'),
        foreign: signed('sha1', 'v1a'),
        isSignature: true,
      },
    ],
    calls: {
      branchMoved: push,
      pullRequest,
      fromFork,
      fromGoneFork: { event: 'Merge Request Hook', payload: aMergeRequest({ merge: { source_project_id: null, source: null } }) },
      all: [push, pullRequest, fromFork],
    },
  },
  mergeMessages: [["Merge branch 'topic' into 'main'\n\nAdd a door\n\nSee merge request house/doors!99", 99]],
  listed: gitlabListed,
  status: {
    path: new RegExp(`^/api/v4/projects/acme%2Fapp/statuses/${HASH}$`),
    body: z.strictObject({
      state: z.enum(['pending', 'running', 'success', 'failed', 'canceled']),
      name: z.string().max(255),
      target_url: z.url().max(255),
      description: z.string().max(255),
    }),
    authorization: /^Bearer ./,
    final: ['success', 'failed', 'canceled'],
    keyOf: (body) => String(body.name),
  },
};
