import { useQuery } from '@apollo/client/react';
import { useDebouncedValue } from '@mantine/hooks';
import { errorMessage } from '../../api/errors.ts';
import { MergePreviewDocument } from '../../generated/graphql.ts';
import type { Preview } from './can-merge.ts';

const QUIET_MS = 300;

export type MergePair = { source: string; target: string };

type MergePreviewState = {
  /** What the preview is of: what was typed when typing last paused. */
  pair: MergePair;
  /** Names two different refs. */
  complete: boolean;
  /** Undefined while it is not known, or is of what was typed before. */
  preview: Preview | undefined;
  error: string | null;
  askAgain: () => void;
};

/** What a merge would run into; asked again whenever typing pauses. */
export function useMergePreview(repositoryId: string, { source, target }: MergePair): MergePreviewState {
  const typed = JSON.stringify({ source: source.trim(), target: target.trim() });
  const [asked] = useDebouncedValue(typed, QUIET_MS);
  const pair = JSON.parse(asked) as MergePair;
  const settled = asked === typed;
  const complete = Boolean(pair.source && pair.target && pair.source !== pair.target);
  const { data, error, refetch } = useQuery(MergePreviewDocument, {
    variables: { repositoryId, ...pair },
    skip: !complete,
    fetchPolicy: 'network-only',
  });
  return {
    pair,
    complete,
    preview: settled && complete ? data?.mergePreview : undefined,
    error: settled && error ? errorMessage(error) : null,
    askAgain: () => void refetch(),
  };
}
