import type { HostStatuses } from '../code-host.js';
import { isSuccess } from '../requests.js';
import type { StatusState } from '../status.js';
import { API_VERSION } from './list.js';
import { inRepository } from './repository.js';

const STATE: Record<StatusState, string> = {
  pending: 'pending',
  running: 'pending',
  success: 'succeeded',
  failure: 'failed',
  error: 'error',
  cancelled: 'error',
};

/** "Statuses - Create". The page shows genre and name with a slash between them. */
export const azureStatuses: HostStatuses = {
  request(path, { sha, context, state, description, url }) {
    const [genre = '', ...name] = context.split('/');
    const body = { state: STATE[state], description, targetUrl: url, context: { genre, name: name.join('/') } };
    return { method: 'POST', path: `${inRepository(path)}/commits/${sha}/statuses?${API_VERSION}`, body };
  },
  // If it does not accept the token, it answers with a sign-in page and a status of success.
  isTold: (answer) => isSuccess(answer) && answer.status !== 203,
};
