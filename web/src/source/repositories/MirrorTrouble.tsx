import type { MirrorGlanceFragment } from '../../generated/graphql.ts';
import { formatSpan } from '../../ui/format.ts';
import { useNow } from '../../ui/ticker.ts';
import css from './repositories.module.css';
import { isStale, staleTitle } from './stale.ts';

/** Since when fetching fails, why, what to do about it, and when it is tried again; nothing while all is well. */
export function MirrorTrouble({ mirror }: { mirror: MirrorGlanceFragment }) {
  const stale = isStale(mirror);
  const now = useNow(stale);
  if (!stale) return null;
  const untilNextMs = mirror.nextFetchAt ? Date.parse(mirror.nextFetchAt) - now : null;
  return (
    <section className={css.trouble} aria-label="Why the mirror is stale">
      <h2>{staleTitle(mirror, now)}</h2>
      <p>{mirror.error?.message}</p>
      <p className="muted">
        {mirror.fetchedAt ? 'What was fetched before still works: reading, building, deploying and rolling back. ' : ''}
        {untilNextMs === null ? '' : untilNextMs > 1000 ? `Tried again in ${formatSpan(untilNextMs)}.` : 'Tried again now.'}
      </p>
    </section>
  );
}
