import { hexHmac, type Proof } from '../../testing/fixture-set.js';

/** Of both Bitbuckets. */
export const bitbucketProof: Proof = {
  header: 'x-hub-signature',
  of: (body, secret) => `sha256=${hexHmac(body, secret)}`,
  foreign: (body, secret) => `sha1=${hexHmac(body, secret, 'sha1')}`,
  isSignature: true,
};
export const BITBUCKET_FINAL = ['SUCCESSFUL', 'FAILED', 'STOPPED', 'CANCELLED'];
