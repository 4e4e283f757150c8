import css from './StateBadge.module.css';
import { type Shape, StateShape } from './StateShape.tsx';

export type Tone = 'neutral' | 'accent' | 'positive' | 'negative' | 'muted' | 'warning' | 'attention';

/** How a state looks: shape and colour and word, never colour alone. */
export type StateLook = { shape: Shape; tone: Tone; word: string };

type StateBadgeProps = {
  look: StateLook;
  /** 0–1 of what is expected; null when nobody knows. Fills the arc. */
  progress?: number | null;
  /** Why, or where in the queue: beside the word, and on hover. */
  detail?: string | null;
  /** On hover alone. */
  hint?: string | null;
  /** The shape alone, the word for screen readers and on hover: for dense places whose column names the thing. */
  compact?: boolean;
  size?: 'small' | 'large';
};

/** The one way a state is shown, everywhere. */
export function StateBadge({ look, progress = null, detail = null, hint = null, compact = false, size = 'small' }: StateBadgeProps) {
  const more = detail ?? hint;
  const title = more ? `${look.word}: ${more}` : look.word;
  return (
    <span className={css.badge} data-tone={look.tone} data-size={size} data-state={look.word} title={title}>
      <StateShape shape={look.shape} progress={progress} />
      <span className={compact ? 'visually-hidden' : css.word}>{look.word}</span>
      {detail && !compact ? <span className={css.detail}>{detail}</span> : null}
    </span>
  );
}
