import { useQuery } from '@apollo/client/react';
import { memo } from 'react';
import { errorMessage } from '../../api/errors.ts';
import { FilePatchDocument } from '../../generated/graphql.ts';
import { ErrorNote } from '../../ui/ErrorPanel.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import type { ComparedPair } from './ComparedCommits.tsx';
import css from './FilePatch.module.css';
import { patchLines } from './patch-lines.ts';

/** How one file differs. */
export function FilePatch({ pair, path, oldPath }: { pair: ComparedPair; path: string; oldPath: string | null }) {
  const { data, error } = useQuery(FilePatchDocument, { variables: { ...pair, path, oldPath } });
  const patch = data?.filePatch;
  if (error && !patch) return <ErrorNote message={errorMessage(error)} />;
  if (!patch) return <RowsSkeleton rows={3} label="Loading the changes" />;
  if (patch.isBinary) return <p className={css.said}>This is a binary file, so there is nothing to show.</p>;
  if (patch.text === '') return <p className={css.said}>Only its path or mode has changed; its contents are the same.</p>;
  return (
    <>
      <Patch text={patch.text} label={`Changes of ${path}`} />
      {patch.truncated ? (
        <p className={css.said}>
          The end is missing: the changes of this file are longer than 256 KiB. Use git diff in a clone to see all.
        </p>
      ) : null}
    </>
  );
}

const SIGNS = { added: '+', removed: '-', context: ' ', hunk: '', note: '' } as const;

/** A unified diff with the numbers of both sides. Long lines wrap: nothing is cut off on a narrow screen. */
const Patch = memo(function Patch({ text, label }: { text: string; label: string }) {
  return (
    <figure className={css.patch} aria-label={label}>
      {patchLines(text).map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a text never move
        <div key={index} className={css.line} data-kind={line.kind}>
          <span className={css.number} aria-hidden="true">
            {line.oldNumber}
          </span>
          <span className={css.number} aria-hidden="true">
            {line.newNumber}
          </span>
          <code className={css.text}>
            <span className={css.sign}>{SIGNS[line.kind]}</span>
            {line.text}
          </code>
        </div>
      ))}
    </figure>
  );
});
