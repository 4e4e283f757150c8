import type { MergePreviewQuery, MergeStrategy } from '../../generated/graphql.ts';

export type Preview = MergePreviewQuery['mergePreview'];

/** Whether the server would make this merge, as far as its preview tells. */
export function canMerge(preview: Preview, strategy: MergeStrategy): boolean {
  if (preview.isUpToDate || preview.isUnrelated || !preview.allowed || preview.missingChecks.length > 0) return false;
  return strategy === 'FAST_FORWARD' ? preview.canFastForward : preview.conflicts.length === 0;
}
