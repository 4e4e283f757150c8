import type { HostStatuses } from '../code-host.js';
import { isSuccess } from '../requests.js';
import type { StatusState } from '../status.js';

const STATE: Record<StatusState, string> = {
  pending: 'pending',
  running: 'running',
  success: 'success',
  failure: 'failed',
  error: 'failed',
  cancelled: 'canceled',
};

/** "Set commit pipeline status". */
export const gitlabStatuses: HostStatuses = {
  request(path, { sha, context, state, description, url }) {
    const body = { state: STATE[state], name: context, description, target_url: url };
    return { method: 'POST', path: `/projects/${encodeURIComponent(path)}/statuses/${sha}`, body };
  },
  // GitLab refuses a state that the commit already has.
  isTold: (answer) => isSuccess(answer) || (answer.status === 400 && /Cannot transition status/i.test(answer.text)),
};
