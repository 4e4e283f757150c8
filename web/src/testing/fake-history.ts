import { GraphQLError } from 'graphql';
import { connection, type Thing } from './fake-things.ts';

/** What a repository answers of its history; filled by `fillHistory` and by what is done on the page. */
export function emptyHistory(): Thing {
  const repository: Thing = {
    kind: 'HOSTED',
    host: null,
    url: null,
    allBranches: [],
    allCommits: [],
    allPushes: [],
    allPullRequests: [],
    branchRules: [],
  };
  return Object.assign(repository, {
    branches: ({ order, search, ...page }: Thing) => {
      const found = repository.allBranches.filter((each: Thing) => !search || each.name.toLowerCase().includes(search.toLowerCase()));
      found.sort((a: Thing, b: Thing) => (order === 'UPDATED' ? b.updatedAt.localeCompare(a.updatedAt) : a.name.localeCompare(b.name)));
      return connection(found, page);
    },
    commits: ({ ref, query, ...page }: Thing) => commitsOf(repository, ref, query, page),
    pushes: ({ ref, newSha, ...page }: Thing) =>
      connection(
        repository.allPushes.filter((each: Thing) => (!ref || each.ref === ref) && (!newSha || each.newSha === newSha)),
        page,
      ),
    pullRequests: ({ state, ...page }: Thing) =>
      connection(
        repository.allPullRequests.filter((each: Thing) => !state || each.state === state),
        page,
      ),
    pullRequest: ({ number }: Thing) => repository.allPullRequests.find((each: Thing) => each.number === number) ?? null,
  });
}

function commitsOf(repository: Thing, ref: string | null, query: string | null, page: Thing) {
  const known = !ref || repository.allBranches.some((each: Thing) => each.name === ref) || /^[0-9a-f]{7,40}$|^v\d/.test(ref);
  if (!known) throw fault('revision_not_found', `There is no branch, tag or commit "${ref}" here. Check the name.`);
  const found = repository.allCommits.filter(
    (each: Thing) => !query || `${each.message} ${each.authorName} ${each.sha}`.toLowerCase().includes(query.toLowerCase()),
  );
  return connection(found, page);
}

const fault = (code: string, message: string) => new GraphQLError(message, { extensions: { code, kind: 'conflict' } });
