import { z } from 'zod';

/** Bodies that the hosts document, and no others: a field that they don't know fails, too. */
const description = z.string().max(140);
const url = z.url();
const HUB = z.strictObject({
  state: z.enum(['error', 'failure', 'pending', 'success']),
  target_url: url,
  description,
  context: z.string(),
});
const GITLAB = z.strictObject({
  state: z.enum(['pending', 'running', 'success', 'failed', 'canceled']),
  name: z.string().max(255),
  target_url: url.max(255),
  description: z.string().max(255),
});
const BITBUCKET = z.strictObject({
  key: z.string().min(1).max(40),
  state: z.enum(['INPROGRESS', 'SUCCESSFUL', 'FAILED', 'STOPPED']),
  name: z.string().max(255),
  description: z.string(),
  url,
});
const BITBUCKET_SERVER = z.strictObject({
  key: z.string().min(1).max(255),
  state: z.enum(['INPROGRESS', 'SUCCESSFUL', 'FAILED', 'CANCELLED', 'UNKNOWN']),
  name: z.string().max(255),
  description: z.string().max(255),
  url: url.max(450),
});

const HASH = '([0-9a-f]{40})';
const [HUB_FINAL, GITLAB_FINAL] = [
  ['error', 'failure', 'success'],
  ['success', 'failed', 'canceled'],
];
const BITBUCKET_FINAL = ['SUCCESSFUL', 'FAILED', 'STOPPED', 'CANCELLED'];

export type HostShape = {
  /** Of the address of a status; its first group is the commit. */
  path: RegExp;
  body: z.ZodType<{ state: string; description: string }>;
  authorization: RegExp;
  /** Which of the states are last ones. */
  final: readonly string[];
  keyOf(body: Record<string, string>): string;
};

export const HOST_SHAPES: Record<'github' | 'gitea' | 'gitlab' | 'bitbucket' | 'bitbucket_server', HostShape> = {
  github: {
    path: new RegExp(`^/repos/acme/app/statuses/${HASH}$`),
    body: HUB,
    authorization: /^Bearer ./,
    final: HUB_FINAL,
    keyOf: (body) => body.context ?? '',
  },
  gitea: {
    path: new RegExp(`^/api/v1/repos/acme/app/statuses/${HASH}$`),
    body: HUB,
    authorization: /^token ./,
    final: HUB_FINAL,
    keyOf: (body) => body.context ?? '',
  },
  gitlab: {
    path: new RegExp(`^/api/v4/projects/acme%2Fapp/statuses/${HASH}$`),
    body: GITLAB,
    authorization: /^Bearer ./,
    final: GITLAB_FINAL,
    keyOf: (body) => body.name ?? '',
  },
  bitbucket: {
    path: new RegExp(`^/2\\.0/repositories/acme/app/commit/${HASH}/statuses/build$`),
    body: BITBUCKET,
    authorization: /^(Bearer|Basic) ./,
    final: BITBUCKET_FINAL,
    keyOf: (body) => body.key ?? '',
  },
  bitbucket_server: {
    path: new RegExp(`^/rest/api/latest/projects/acme/repos/app/commits/${HASH}/builds$`),
    body: BITBUCKET_SERVER,
    authorization: /^(Bearer|Basic) ./,
    final: BITBUCKET_FINAL,
    keyOf: (body) => body.key ?? '',
  },
};
