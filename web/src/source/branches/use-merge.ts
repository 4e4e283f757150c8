import { useState } from 'react';
import { useAction } from '../../api/use-action.ts';
import { MergeBranchDocument, type MergeBranchMutationVariables, type MergeConflictFactsFragment } from '../../generated/graphql.ts';
import { announce } from '../../ui/announce.ts';

type Conflicts = MergeConflictFactsFragment[];

/** A merge and its result: the commit that the target is at now, or the conflicts that prevented it. */
export function useMerge({ onDone, onFail }: { onDone: () => void; onFail: () => void }) {
  const { run, busy, error, reset } = useAction(MergeBranchDocument);
  const [sha, setSha] = useState<string | null>(null);
  const [conflicts, setConflicts] = useState<Conflicts | null>(null);
  const merge = async (wanted: MergeBranchMutationVariables) => {
    const done = await run(wanted);
    if (!done) return onFail();
    const { mergeBranch } = done;
    if (mergeBranch.outcome === 'CONFLICTS') return setConflicts(mergeBranch.conflicts);
    setSha(mergeBranch.sha ?? '');
    announce(`${wanted.source} is merged into ${wanted.target}`);
    onDone();
  };
  const forget = () => {
    reset();
    setConflicts(null);
  };
  return { merge, forget, sha, conflicts, busy, error };
}
