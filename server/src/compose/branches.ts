import type { RunQueries } from '../build/runs/run.queries.js';
import type { Database } from '../platform/database.js';
import { Slots } from '../platform/slots.js';
import { AheadBehind } from '../source/branches/ahead-behind.js';
import { BranchQueries } from '../source/branches/branch.queries.js';
import { BranchResolver, RepositoryBranchesResolver } from '../source/branches/branch.resolver.js';
import { changeRefsWith } from '../source/branches/change-refs.js';
import { CompareResolver } from '../source/branches/comparing/compare.resolver.js';
import { CompareRevisions } from '../source/branches/comparing/compare-revisions.js';
import type { Divergence } from '../source/branches/count-apart.js';
import { createBranchWith } from '../source/branches/create-branch.js';
import { deleteBranchWith } from '../source/branches/delete-branch.js';
import { MergeResolver } from '../source/branches/merging/merge.resolver.js';
import { mergeBranchWith } from '../source/branches/merging/merge-branch.js';
import { mergePreview } from '../source/branches/merging/merge-preview.js';
import { BranchRuleQueries } from '../source/branches/rules/branch-rule.queries.js';
import { BranchRuleResolver } from '../source/branches/rules/branch-rule.resolver.js';
import { setDefaultBranchWith } from '../source/branches/set-default-branch.js';
import type { Mirrors } from '../source/mirrors/ports.js';
import { commitsNamed } from '../source/repositories/commits/commit-log.js';
import { asCommit } from '../source/repositories/commits/commit-view.js';
import type { PushIngest } from '../source/repositories/pushes/ingest-pushes.js';
import type { RepositoryQueries } from '../source/repositories/repositories.queries.js';
import type { RepositoryStore } from '../source/repositories/repository-store.js';

/** Git processes at once that count for lists, and that compare and merge; apart, so that neither holds up the other. */
const COUNTING = 4;
const WORKING = 4;
const MAX_WAITING = 1_000;

export type BranchDeps = {
  database: Database;
  store: RepositoryStore;
  pushes: Pick<PushIngest, 'ingest'>;
  /** Without it, branches of external repositories can't be changed. */
  mirrors?: Pick<Mirrors, 'push'>;
};
export type Branches = ReturnType<typeof composeBranches>;

/** What other rooms may do with branches. */
export function composeBranches({ database: db, store, pushes, mirrors }: BranchDeps) {
  const changeRefs = changeRefsWith({ store, pushes, mirrors });
  const deps = { db, store, changeRefs, slots: new Slots(WORKING, MAX_WAITING) };
  const aheadBehind = new AheadBehind(new Slots(COUNTING, MAX_WAITING));
  return {
    store,
    changeRefs,
    createBranch: createBranchWith(deps),
    deleteBranch: deleteBranchWith(deps),
    setDefaultBranch: setDefaultBranchWith(deps),
    mergeBranch: mergeBranchWith(deps),
    mergePreview: (repositoryId: string, branches: { source: string; target: string }, userId: string) =>
      mergePreview(deps, repositoryId, branches, userId),
    comparing: new CompareRevisions({ ...deps, aheadBehind }),
    aheadBehind: (keys: readonly string[]) => divergencesOf(aheadBehind, store, keys),
  };
}

/** Keys `<repository id> <sha> <sha to compare with>`; those that compare with one commit are counted together. */
async function divergencesOf(aheadBehind: AheadBehind, store: RepositoryStore, keys: readonly string[]) {
  const found = new Map<string, Divergence | null>();
  const groups = Map.groupBy(keys, (key) => key.replace(/ \S+ /, ' '));
  await Promise.all(
    [...groups].map(async ([group, members]) => {
      const [repositoryId = '', fromSha = ''] = group.split(' ');
      const shas = members.map((key) => key.split(' ')[1] ?? '');
      const counts = await aheadBehind.ofMany(store.folder(repositoryId), shas, fromSha);
      for (const [n, key] of members.entries()) found.set(key, counts[n] ?? null);
    }),
  );
  return keys.map((key) => found.get(key) ?? null);
}

export type BranchResolversDeps = { database: Database; branches: Branches; repositories: RepositoryQueries; runs: RunQueries };

export function branchResolvers({ database, branches, repositories, runs }: BranchResolversDeps): object[] {
  const rules = new BranchRuleQueries(database);
  const queries = new BranchQueries(database);
  const { store } = branches;
  return [
    new BranchResolver({ ...branches, branches: queries, rules, repositories, runs }),
    new RepositoryBranchesResolver(queries, rules),
    new BranchRuleResolver(database, rules),
    new CompareResolver(branches.comparing, async (repositoryId, shas) =>
      (await commitsNamed(store.folder(repositoryId), shas)).map((commit) => asCommit({ repositoryId, ...commit })),
    ),
    new MergeResolver(branches),
  ];
}
