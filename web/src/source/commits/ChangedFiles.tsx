import { useQuery } from '@apollo/client/react';
import { IconChevronRight } from '@tabler/icons-react';
import { useId, useState } from 'react';
import { ReadFailed } from '../../api/ReadFailed.tsx';
import { useMore } from '../../api/use-more.ts';
import { ComparedFilesDocument, type ComparedFilesQuery, type FileStatus } from '../../generated/graphql.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { formatCount } from '../../ui/format.ts';
import { LoadMore } from '../../ui/LoadMore.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import type { ComparedPair } from './ComparedCommits.tsx';
import css from './commits.module.css';
import { FilePatch } from './FilePatch.tsx';

type File = ComparedFilesQuery['compare']['files']['files'][number];

/** The files that differ, a page at a time; how one differs is read when it is opened. */
export function ChangedFiles({ pair }: { pair: ComparedPair }) {
  const { data, error, refetch, fetchMore } = useQuery(ComparedFilesDocument, { variables: { ...pair, skip: 0 } });
  const files = data?.compare.files;
  const shown = files?.files.length ?? 0;
  const more = useMore(() => fetchMore({ variables: { skip: shown } }));
  return (
    <Panel
      title={files ? `${formatCount(files.total)}${files.truncated ? ' and more' : ''} ${files.total === 1 ? 'file' : 'files'}` : 'Files'}
      flush
    >
      {error && !files ? <ReadFailed title="The files can’t be read" error={error} onRetry={() => void refetch()} /> : null}
      {!files && !error ? <RowsSkeleton rows={8} label="Loading the files" /> : null}
      {files?.total === 0 ? <EmptyState title="No files differ" /> : null}
      <ul>
        {files?.files.map((file) => (
          <ChangedFile key={file.path} file={file} pair={pair} />
        ))}
      </ul>
      {files?.truncated && shown >= files.total ? (
        <p className={css.truncated}>More files differ than are listed here. Compare smaller steps, or use git diff in a clone.</p>
      ) : null}
      {files && shown < files.total ? <LoadMore {...more}>{`More files: ${formatCount(files.total - shown)}`}</LoadMore> : null}
    </Panel>
  );
}

const STATUS: Record<FileStatus, { letter: string; word: string; tone: string }> = {
  ADDED: { letter: 'A', word: 'Added', tone: 'positive' },
  MODIFIED: { letter: 'M', word: 'Modified', tone: 'neutral' },
  DELETED: { letter: 'D', word: 'Deleted', tone: 'negative' },
  RENAMED: { letter: 'R', word: 'Renamed', tone: 'accent' },
  COPIED: { letter: 'C', word: 'Copied', tone: 'accent' },
  TYPE_CHANGED: { letter: 'T', word: 'Type changed', tone: 'warning' },
};

function ChangedFile({ file, pair }: { file: File; pair: ComparedPair }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const { letter, word, tone } = STATUS[file.status];
  return (
    <li>
      <button type="button" className={css.file} aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)} data-row>
        <IconChevronRight size={14} className={css.chevron} aria-hidden="true" />
        <span className={css.status} data-tone={tone} title={word}>
          <span aria-hidden="true">{letter}</span>
          <span className="visually-hidden">{word}: </span>
        </span>
        <span className={css.path}>
          {file.oldPath ? <span className="muted">{file.oldPath} → </span> : null}
          {file.path}
        </span>
        <Counts file={file} />
      </button>
      <div id={id} hidden={!open}>
        {open ? <FilePatch pair={pair} path={file.path} oldPath={file.oldPath ?? null} /> : null}
      </div>
    </li>
  );
}

function Counts({ file }: { file: File }) {
  if (file.isBinary) return <span className="muted">binary</span>;
  if (file.additions == null || file.deletions == null) return <span className="muted">large</span>;
  return (
    <span className={css.counts}>
      <span className={css.added}>+{formatCount(file.additions)}</span>
      <span className={css.removed}>−{formatCount(file.deletions)}</span>
    </span>
  );
}
