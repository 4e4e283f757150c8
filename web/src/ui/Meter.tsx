import css from './Meter.module.css';

/** A share of a whole, 0–1, with its figure in words beside it. */
export function Meter({ part, label, children }: { part: number; label: string; children: React.ReactNode }) {
  const percent = Math.round(Math.min(1, Math.max(0, part)) * 100);
  return (
    <span className={css.meter}>
      <span className={css.track} role="progressbar" aria-label={label} aria-valuenow={percent} aria-valuemin={0} aria-valuemax={100}>
        <span className={css.fill} data-full={percent >= 90 || undefined} style={{ width: `${percent}%` }} />
      </span>
      <span className={css.figure}>{children}</span>
    </span>
  );
}
