import { z } from 'zod';
import { HASH, type StatusShape } from '../../testing/fixture-set.js';

export const hubStatus = (root: string, authorization: RegExp): StatusShape => ({
  path: new RegExp(`^${root}/repos/acme/app/statuses/${HASH}$`),
  body: z.strictObject({
    state: z.enum(['error', 'failure', 'pending', 'success']),
    target_url: z.url(),
    description: z.string().max(140),
    context: z.string(),
  }),
  authorization,
  final: ['error', 'failure', 'success'],
  keyOf: (body) => String(body.context),
});
