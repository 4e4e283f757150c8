import css from './Skeleton.module.css';

/** Reserves the place of what is being read. `width`: any CSS length. */
export function Skeleton({ width = '100%', height = 14 }: { width?: string | number; height?: number }) {
  return <span className={css.bone} style={{ width, height }} aria-hidden="true" />;
}

const WIDTHS = ['72%', '58%', '80%', '64%', '46%', '70%'];

/** As many rows as a list is likely to have, at the height rows have. */
export function RowsSkeleton({ rows = 6, label = 'Loading' }: { rows?: number; label?: string }) {
  return (
    <div className={css.rows} role="status" aria-label={label}>
      {WIDTHS.concat(WIDTHS)
        .slice(0, rows)
        .map((width, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike and never move
          <div className={css.row} key={index}>
            <Skeleton width={16} height={16} />
            <Skeleton width={width} />
          </div>
        ))}
    </div>
  );
}
