import { formatCount } from '../../ui/format.ts';
import css from './branches.module.css';

/** From this many commits on the bar is full; in between it grows by orders of magnitude. */
const FULL = 1000;

/** How far a branch and its base are apart: figures, and bars to compare rows at a glance. null: too far to count, or nothing in common. */
export function AheadBehind({ ahead, behind, base }: { ahead?: number | null; behind?: number | null; base: string }) {
  if (ahead == null || behind == null)
    return (
      <span className={`muted ${css.center}`} title={`Nothing in common with ${base}, or more than 10,000 commits apart`}>
        far apart
      </span>
    );
  const words = `${behind} behind ${base}, ${ahead} ahead of it`;
  return (
    <span className={css.apart} role="img" aria-label={words} title={words}>
      <span className={css.behind} aria-hidden="true">
        <span>{formatCount(behind)}</span>
        <span className={css.bar} style={{ width: barWidth(behind) }} />
      </span>
      <span className={css.ahead} aria-hidden="true">
        <span className={css.bar} style={{ width: barWidth(ahead) }} />
        <span>{formatCount(ahead)}</span>
      </span>
    </span>
  );
}

function barWidth(commits: number): string {
  return `${Math.round(Math.min(1, Math.log1p(commits) / Math.log1p(FULL)) * 28)}px`;
}
