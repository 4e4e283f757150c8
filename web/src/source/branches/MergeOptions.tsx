import { NativeSelect, Textarea } from '@mantine/core';
import type { MergeStrategy } from '../../generated/graphql.ts';

const STRATEGIES: { value: MergeStrategy; label: string }[] = [
  { value: 'MERGE_COMMIT', label: 'Merge commit: one with both as parents' },
  { value: 'SQUASH', label: 'Squash: one commit with all that changed' },
  { value: 'FAST_FORWARD', label: 'Fast-forward: the target is moved to the source' },
];

type Props = {
  strategy: MergeStrategy;
  onStrategy: (strategy: MergeStrategy) => void;
  message: string;
  onMessage: (message: string) => void;
};

/** How to merge, and with which message; a fast-forward makes no commit, so it has none. */
export function MergeOptions({ strategy, onStrategy, message, onMessage }: Props) {
  return (
    <>
      <NativeSelect
        label="How"
        data={STRATEGIES}
        value={strategy}
        onChange={(event) => onStrategy(event.currentTarget.value as MergeStrategy)}
      />
      {strategy === 'FAST_FORWARD' ? null : (
        <Textarea
          label="Message"
          description="For the new commit; left empty, one is written for you."
          value={message}
          onChange={(event) => onMessage(event.currentTarget.value)}
          rows={3}
        />
      )}
    </>
  );
}
