import { z } from 'zod';
import type { HostPullRequests, ListedFacts } from '../code-host.js';
import { factsOf } from './pull-request.js';
import { inRepository } from './repository.js';

const PAGE = 50;
/** Of Azure DevOps Server 2019; all later ones and the service take it too. */
export const API_VERSION = 'api-version=5.0';

const REPOSITORY = z.object({ id: z.string(), name: z.string(), url: z.string(), project: z.object({ id: z.string(), name: z.string() }) });
/** "Pull Requests - Get Pull Requests", "Get Pull Request". The commit is left out while the host still looks for it. */
const PULL = z.object({
  pullRequestId: z.number().int(),
  title: z.string(),
  status: z.string(),
  createdBy: z.object({ displayName: z.string().optional(), uniqueName: z.string().optional() }).nullish(),
  sourceRefName: z.string(),
  targetRefName: z.string(),
  lastMergeSourceCommit: z.object({ commitId: z.string() }).nullish(),
  repository: REPOSITORY,
  forkSource: z.object({ repository: REPOSITORY.nullish() }).nullable().optional(),
});
const LIST = z.object({ value: z.array(PULL) });

export const azureList: Pick<HostPullRequests, 'first' | 'page' | 'one'> = {
  first: (path) => `${pulls(path)}?searchCriteria.status=active&$top=${PAGE}&$skip=0&${API_VERSION}`,
  async page(_ask, _path, at, { body }) {
    const { value } = LIST.parse(body);
    // The host does not say whether there are more.
    const next = value.length < PAGE ? null : at.replace(/(\$skip=)(\d+)/, (_all, name, skip) => `${name}${Number(skip) + PAGE}`);
    return { facts: value.flatMap((pull) => listedFacts(pull) ?? []), next };
  },
  async one(ask, path, number) {
    const facts = listedFacts(PULL.parse((await ask(`${pulls(path)}/${number}?${API_VERSION}`)).body));
    if (!facts) throw new Error(`Pull request ${number} has no commit yet.`);
    return facts;
  },
};

const pulls = (path: string): string => `${inRepository(path)}/pullrequests`;

function listedFacts(pull: z.output<typeof PULL>): ListedFacts | null {
  const head = pull.lastMergeSourceCommit;
  return head ? { ...factsOf(pull, head.commitId), updatedAt: null } : null;
}
