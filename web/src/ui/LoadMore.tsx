import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { ErrorNote } from './ErrorPanel.tsx';
import css from './LoadMore.module.css';

/** At the end of a list that goes on. */
export function LoadMore({ busy, error, onMore, children = 'Load more' }: LoadMoreProps) {
  return (
    <div className={css.more}>
      <ErrorNote message={error} />
      <Button variant="default" loading={busy} onClick={onMore} data-row>
        {children}
      </Button>
    </div>
  );
}

type LoadMoreProps = { busy: boolean; error: string | null; onMore: () => void; children?: ReactNode };
