import { formatAgo, formatDuration, formatElapsed } from './format.ts';
import css from './Time.module.css';
import { useNow } from './ticker.ts';

const absolute = (ms: number) => new Date(ms).toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'long' });

/** Relative, with the absolute time on hover. `at`: ISO 8601. */
export function Time({ at }: { at: string }) {
  const now = useNow();
  const ms = Date.parse(at);
  return (
    <time dateTime={at} title={absolute(ms)} className={css.time}>
      {formatAgo(ms, now)}
    </time>
  );
}

/** Where the day stands above already. `at`: ISO 8601. */
export function TimeOfDay({ at }: { at: string }) {
  const ms = Date.parse(at);
  return (
    <time dateTime={at} title={absolute(ms)} className={css.time}>
      {new Date(ms).toLocaleTimeString(undefined, { timeStyle: 'short' })}
    </time>
  );
}

/** How long something took, or has taken so far; its place keeps its width while the figure runs, except `inline`, in a sentence. */
export function Elapsed({ from, to, inline = false }: ElapsedProps) {
  const now = useNow(Boolean(from) && !to);
  const place = inline ? 'mono' : css.elapsed;
  if (!from) return <span className={place}>–</span>;
  const ms = (to ? Date.parse(to) : now) - Date.parse(from);
  return <span className={place}>{to ? formatDuration(ms) : formatElapsed(ms)}</span>;
}

type ElapsedProps = { from: string | null | undefined; to: string | null | undefined; inline?: boolean };
