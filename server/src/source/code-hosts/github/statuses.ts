import { ownerAndName } from '../api-root.js';
import type { HostStatuses } from '../code-host.js';
import { isSuccess } from '../requests.js';
import type { StatusState } from '../status.js';

const STATE: Record<StatusState, string> = {
  pending: 'pending',
  running: 'pending',
  success: 'success',
  failure: 'failure',
  error: 'error',
  cancelled: 'error',
};

/** GitHub "Create a commit status", Gitea `CreateStatusOption`. */
export const hubStatuses: HostStatuses = {
  request(path, { sha, context, state, description, url }) {
    const { owner, name } = ownerAndName(path);
    const body = { state: STATE[state], context, description, target_url: url };
    return { method: 'POST', path: `/repos/${owner}/${name}/statuses/${sha}`, body };
  },
  isTold: isSuccess,
};
