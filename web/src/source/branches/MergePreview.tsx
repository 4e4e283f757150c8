import { IconAlertTriangle, IconCheck, IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { MergeStrategy } from '../../generated/graphql.ts';
import { ErrorNote } from '../../ui/ErrorPanel.tsx';
import { Sha } from '../../ui/Sha.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import css from './branches.module.css';
import type { Preview } from './can-merge.ts';
import { MergeConflicts } from './MergeConflicts.tsx';
import { ruleWords } from './rule-words.ts';

type Props = {
  preview: Preview | undefined;
  strategy: MergeStrategy;
  source: string;
  target: string;
  complete: boolean;
  error: string | null;
};

/** Shows what a merge would run into, while it is being prepared. */
export function MergePreview({ preview, error, complete, ...of }: Props) {
  return (
    <section className={css.preview} aria-label="Checks before the merge" aria-live="polite">
      <h3>Checks before the merge</h3>
      <ErrorNote message={error} />
      {!complete ? <p className="muted">Choose two different branches.</p> : null}
      {complete && !preview && !error ? <Skeleton width="60%" /> : null}
      {preview ? <Findings preview={preview} {...of} /> : null}
    </section>
  );
}

function Findings({ preview, strategy, source, target }: Omit<Props, 'preview' | 'complete' | 'error'> & { preview: Preview }) {
  if (preview.isUpToDate)
    return (
      <Finding tone="muted">
        {target} has all of {source} already. There is nothing to merge.
      </Finding>
    );
  if (preview.isUnrelated) return <Finding tone="negative">They have no commit in common, so nothing can be merged.</Finding>;
  return (
    <>
      {preview.canFastForward ? (
        <Finding tone="positive">
          {target} has nothing of its own: it can be moved to <Sha sha={preview.sourceSha} />.
        </Finding>
      ) : strategy === 'FAST_FORWARD' ? (
        <Finding tone="negative">
          {target} has commits of its own, so it can’t be fast-forwarded. Choose another way, or rebase {source}.
        </Finding>
      ) : preview.conflicts.length === 0 ? (
        <Finding tone="positive">
          No conflicts: <Sha sha={preview.sourceSha} /> can be merged into <Sha sha={preview.targetSha} />.
        </Finding>
      ) : null}
      {preview.conflicts.length > 0 && strategy !== 'FAST_FORWARD' ? <MergeConflicts conflicts={preview.conflicts} /> : null}
      {preview.allowed ? null : (
        <Finding tone="negative">You may not merge into {target}: ask somebody whom its rule lets, or have the rule changed.</Finding>
      )}
      {preview.missingChecks.map((check) => (
        <Finding key={check.job} tone="attention">
          The job <strong>{check.job}</strong> has to succeed at <Sha sha={preview.sourceSha} /> first.{' '}
          {check.state
            ? `Its state is ${check.state.replaceAll('_', ' ')}.`
            : 'It has not run at this commit: run the pipeline of the source branch.'}
        </Finding>
      ))}
      {preview.rule ? (
        <p className="muted">
          Rule <code>{preview.rule.pattern}</code>: {ruleWords(preview.rule).join('; ')}.
        </p>
      ) : null}
    </>
  );
}

const MARKS = { positive: IconCheck, negative: IconX, attention: IconAlertTriangle, muted: IconCheck };

function Finding({ tone, children }: { tone: keyof typeof MARKS; children: ReactNode }) {
  const Mark = MARKS[tone];
  return (
    <p className={css.finding} data-tone={tone}>
      <Mark size={15} aria-hidden="true" />
      <span>{children}</span>
    </p>
  );
}
