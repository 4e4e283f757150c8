import { useQuery } from '@apollo/client/react';
import { useState } from 'react';
import { errorMessage } from '../../api/errors.ts';
import { ReadFailed } from '../../api/ReadFailed.tsx';
import { DeadLettersDocument } from '../../generated/graphql.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { LoadMore } from '../../ui/LoadMore.tsx';
import { Page } from '../../ui/Page.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import { DeadLetterItem } from './DeadLetterItem.tsx';
import css from './dead-letters.module.css';

const EVERY_MS = 15_000;

/** What could not be taken, for administrators. */
export function SetAsidePage() {
  const { data, error, refetch, fetchMore } = useQuery(DeadLettersDocument, { pollInterval: EVERY_MS });
  const [more, setMore] = useState<{ busy: boolean; error: string | null }>({ busy: false, error: null });
  const letters = data?.deadLetters;
  const readMore = async () => {
    setMore({ busy: true, error: null });
    const failed = await fetchMore({ variables: { after: letters?.pageInfo.endCursor } }).then(() => null, errorMessage);
    setMore({ busy: false, error: failed });
  };
  return (
    <Page title="Set aside" facts={<span>{data ? factsOf(data.deadLetterCount) : '\u00a0'}</span>}>
      <Panel flush>
        {error && !letters ? <ReadFailed title="What was set aside can’t be read" error={error} onRetry={() => void refetch()} /> : null}
        {!letters && !error ? <RowsSkeleton rows={4} label="Loading what was set aside" /> : null}
        {letters?.edges.length === 0 ? (
          <EmptyState title="Nothing is set aside">
            A push, a webhook, a report of an agent or anything else that can’t be processed is put here with its error, so that it holds up
            nothing behind it. There is none.
          </EmptyState>
        ) : null}
        {letters && letters.edges.length > 0 ? (
          <ul className={css.letters}>
            {letters.edges.map(({ node }) => (
              <DeadLetterItem key={node.id} letter={node} onGone={() => void refetch()} />
            ))}
          </ul>
        ) : null}
        {letters?.pageInfo.hasNextPage ? (
          <LoadMore busy={more.busy} error={more.error} onMore={() => void readMore()}>
            Earlier ones
          </LoadMore>
        ) : null}
      </Panel>
    </Page>
  );
}

function factsOf(count: number): string {
  if (count === 0) return 'nothing waits for you here';
  return `${count} set aside; ${count === 1 ? 'it holds' : 'they hold'} up nothing`;
}
