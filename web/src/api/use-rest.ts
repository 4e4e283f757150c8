import { useEffect, useRef } from 'react';
import { useMore } from './use-more.ts';

type PageInfo = { hasNextPage: boolean; endCursor?: string | null };

/** Reads a list on to its end, page by page; where a page can't be read, the answer is for the button that asks again. */
export function useRest(pageInfo: PageInfo | undefined, read: (after: string | null) => Promise<unknown>) {
  const after = pageInfo?.endCursor ?? null;
  const more = useMore(() => read(after));
  const onMore = useRef(more.onMore);
  onMore.current = more.onMore;
  const goesOn = pageInfo?.hasNextPage ?? false;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each page that arrives has another end
  useEffect(() => {
    if (goesOn) onMore.current();
  }, [goesOn, after]);
  return { ...more, goesOn };
}
