import { useState } from 'react';
import type { MergeStrategy } from '../../generated/graphql.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import css from './branches.module.css';
import { canMerge } from './can-merge.ts';
import { MergeConflicts } from './MergeConflicts.tsx';
import { MergeDone } from './MergeDone.tsx';
import { MergeOptions } from './MergeOptions.tsx';
import { MergePreview } from './MergePreview.tsx';
import { RefField } from './RefField.tsx';
import { useMerge } from './use-merge.ts';
import { useMergePreview } from './use-merge-preview.ts';

type MergePlace = { id: string; project: string; repository: string };

type Props = { at: MergePlace; source: string; target: string; onDone: () => void; onClose: () => void };

/** Shows what a merge would run into before it is made, and merges exactly the commit that was shown. */
export function MergeDialog({ at, source: firstSource, target: firstTarget, onDone, onClose }: Props) {
  const [source, setSource] = useState(firstSource);
  const [target, setTarget] = useState(firstTarget);
  const [strategy, setStrategy] = useState<MergeStrategy>('MERGE_COMMIT');
  const [message, setMessage] = useState('');
  const { pair, complete, preview, ...asked } = useMergePreview(at.id, { source, target });
  const { merge, forget, sha, conflicts, busy, error } = useMerge({ onDone, onFail: asked.askAgain });
  const change = (set: (value: string) => void) => (value: string) => {
    forget();
    set(value);
  };
  const submit = () =>
    merge({
      repositoryId: at.id,
      ...pair,
      strategy,
      message: strategy === 'FAST_FORWARD' ? null : message.trim() || null,
      expectedSourceSha: preview?.sourceSha ?? null,
    });
  if (sha !== null) return <MergeDone at={at} {...pair} sha={sha} onClose={onClose} />;
  return (
    <FormDialog
      title="Merge"
      action={source && target ? `Merge into ${target}` : 'Merge'}
      busy={busy}
      disabled={!preview || !canMerge(preview, strategy)}
      error={error}
      size={640}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      <div className={css.pair}>
        <RefField label="Source" description="A branch, tag or commit." at={at} value={source} onChange={change(setSource)} />
        <RefField label="Target" description="The branch that moves." at={at} value={target} onChange={change(setTarget)} />
      </div>
      <MergeOptions strategy={strategy} onStrategy={setStrategy} message={message} onMessage={setMessage} />
      {conflicts ? <p role="alert">Nothing was changed: the target branch has moved, and now there are conflicts.</p> : null}
      {conflicts ? <MergeConflicts conflicts={conflicts} /> : null}
      <MergePreview preview={preview} strategy={strategy} source={source} target={target} complete={complete} error={asked.error} />
    </FormDialog>
  );
}
