import { useQuery } from '@apollo/client/react';
import { useMemo } from 'react';
import { PushesDocument } from '../../generated/graphql.ts';

/** Why commits that were pushed to a branch lately have no run: a sentence, by the commit's sha. */
export function useNoRunReasons(at: { project: string; repository: string }, branch: string): ReadonlyMap<string, string> {
  const { data } = useQuery(PushesDocument, { variables: { ...at, ref: `refs/heads/${branch}` } });
  const pushes = data?.project?.repository?.pushes.edges;
  return useMemo(
    () => new Map(pushes?.flatMap(({ node }) => (node.noRun && node.head ? [[node.head.sha, node.noRun.message] as const] : []))),
    [pushes],
  );
}
