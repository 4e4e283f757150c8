import css from './Sparkline.module.css';
import type { Tone } from './StateBadge.tsx';

/** Durations, oldest first, as bars; what each one is, in words, for those who can't see it. */
export function Sparkline({ bars, label }: { bars: { key: string; value: number; tone: Tone }[]; label: string }) {
  const most = Math.max(1, ...bars.map((bar) => bar.value));
  return (
    <span className={css.line} role="img" aria-label={label}>
      {bars.map((bar) => (
        <span key={bar.key} className={css.bar} data-tone={bar.tone} style={{ height: Math.max(3, Math.round((bar.value / most) * 20)) }} />
      ))}
    </span>
  );
}
