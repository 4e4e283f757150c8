import type { Mirrors } from '../features/mirrors/ports.js';

const none = (): never => {
  throw new Error('There are no repositories at code hosts in this installation.');
};

/** While repositories can't be added from code hosts: none has an API, and nobody has a reason to ask for more. */
export const noMirrors: Mirrors = {
  requestFetch: async () => undefined,
  fetchNow: async () => none(),
  fetchPullRequestHead: async () => none(),
  push: async () => none(),
  hostApi: async () => null,
  webhookSecret: async () => null,
};
