import { useQuery } from '@apollo/client/react';
import { NativeSelect, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { errorMessage } from '../../api/errors.ts';
import { useAction } from '../../api/use-action.ts';
import { MergeBranchDocument, MergePreviewDocument, type MergeStrategy } from '../../generated/graphql.ts';
import { announce } from '../../ui/announce.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import css from './branches.module.css';
import { canMerge } from './can-merge.ts';
import { MergeConflicts } from './MergeConflicts.tsx';
import { MergeDone } from './MergeDone.tsx';
import { MergePreview } from './MergePreview.tsx';
import { RefField } from './RefField.tsx';

const STRATEGIES: { value: MergeStrategy; label: string }[] = [
  { value: 'MERGE_COMMIT', label: 'Merge commit: one with both as parents' },
  { value: 'SQUASH', label: 'Squash: one commit with all that changed' },
  { value: 'FAST_FORWARD', label: 'Fast-forward: the target is moved to the source' },
];

export type MergePlace = { id: string; project: string; repository: string };

type Props = { at: MergePlace; source: string; target: string; onDone: () => void; onClose: () => void };

/** Says what a merge would meet before it is made, and merges the very commit that was looked at. */
export function MergeDialog({ at, source: firstSource, target: firstTarget, onDone, onClose }: Props) {
  const [source, setSource] = useState(firstSource);
  const [target, setTarget] = useState(firstTarget);
  const [strategy, setStrategy] = useState<MergeStrategy>('MERGE_COMMIT');
  const [message, setMessage] = useState('');
  const [asked] = useDebouncedValue(JSON.stringify({ source: source.trim(), target: target.trim() }), 300);
  const pair = JSON.parse(asked) as { source: string; target: string };
  const settled = pair.source === source.trim() && pair.target === target.trim();
  const complete = Boolean(pair.source && pair.target && pair.source !== pair.target);
  const preview = useQuery(MergePreviewDocument, {
    variables: { repositoryId: at.id, ...pair },
    skip: !complete,
    fetchPolicy: 'network-only',
  });
  const { run, busy, error, reset } = useAction(MergeBranchDocument);
  const [result, setResult] = useState<{ sha: string } | { conflicts: { path: string; kind: string; message: string }[] } | null>(null);
  const met = settled && complete ? preview.data?.mergePreview : undefined;

  const change = (set: (value: string) => void) => (value: string) => {
    reset();
    setResult(null);
    set(value);
  };
  const merge = async () => {
    const done = await run({
      repositoryId: at.id,
      ...pair,
      strategy,
      message: strategy === 'FAST_FORWARD' ? null : message.trim() || null,
      expectedSourceSha: met?.sourceSha ?? null,
    });
    if (!done) return void preview.refetch();
    const { outcome, sha, conflicts } = done.mergeBranch;
    if (outcome === 'CONFLICTS') return setResult({ conflicts });
    setResult({ sha: sha ?? '' });
    announce(`${pair.source} is merged into ${pair.target}`);
    onDone();
  };
  if (result && 'sha' in result) return <MergeDone at={at} {...pair} sha={result.sha} onClose={onClose} />;
  return (
    <FormDialog
      title="Merge"
      action={source && target ? `Merge into ${target}` : 'Merge'}
      busy={busy}
      disabled={!met || !canMerge(met, strategy)}
      error={error}
      size={640}
      onSubmit={() => void merge()}
      onClose={onClose}
    >
      <div className={css.pair}>
        <RefField label="Source" description="A branch, tag or commit." at={at} value={source} onChange={change(setSource)} />
        <RefField label="Target" description="The branch that moves." at={at} value={target} onChange={change(setTarget)} />
      </div>
      <NativeSelect
        label="How"
        data={STRATEGIES}
        value={strategy}
        onChange={(event) => setStrategy(event.currentTarget.value as MergeStrategy)}
      />
      {strategy === 'FAST_FORWARD' ? null : (
        <Textarea
          label="Message"
          description="For the new commit; left empty, one is written for you."
          value={message}
          onChange={(event) => setMessage(event.currentTarget.value)}
          rows={3}
        />
      )}
      {result ? <p role="alert">Nothing was changed: the target branch has moved, and now there are conflicts.</p> : null}
      {result ? <MergeConflicts conflicts={result.conflicts} /> : null}
      <MergePreview
        preview={met}
        strategy={strategy}
        source={source}
        target={target}
        complete={complete}
        error={settled && preview.error ? errorMessage(preview.error) : null}
      />
    </FormDialog>
  );
}
