import { createHash } from 'node:crypto';
import { shorten } from '@slipway/protocol';
import { ownerAndName } from '../api-root.js';
import type { HostStatuses } from '../code-host.js';
import { isSuccess } from '../requests.js';
import type { Status, StatusState } from '../status.js';

const STATE: Record<StatusState, string> = {
  pending: 'INPROGRESS',
  running: 'INPROGRESS',
  success: 'SUCCESSFUL',
  failure: 'FAILED',
  error: 'FAILED',
  cancelled: 'STOPPED',
};
const SERVER_STATE: Record<StatusState, string> = { ...STATE, cancelled: 'CANCELLED' };

/** Bitbucket Cloud: "Create a build status for a commit". */
export const bitbucketStatuses: HostStatuses = {
  request(path, status) {
    const { owner, name } = ownerAndName(path);
    const at = `/repositories/${owner}/${name}/commit/${status.sha}/statuses/build`;
    return { method: 'POST', path: at, body: { ...build(status), state: STATE[status.state] } };
  },
  isTold: isSuccess,
};

/** Bitbucket Data Center: "Updating build status for commits". */
export const bitbucketServerStatuses: HostStatuses = {
  request(path, status) {
    const { owner, name } = ownerAndName(path);
    const at = `/projects/${owner}/repos/${name}/commits/${status.sha}/builds`;
    return { method: 'POST', path: at, body: { ...build(status), state: SERVER_STATE[status.state] } };
  },
  isTold: isSuccess,
};

const build = ({ context, description, url }: Status) => ({ key: buildKey(context), name: context, description, url });

const MAX_KEY = 40;

/** Bitbucket keeps builds apart by a key of at most 40 characters. */
const buildKey = (context: string): string =>
  context.length <= MAX_KEY ? context : shorten(createHash('sha256').update(context).digest('hex'), MAX_KEY);
