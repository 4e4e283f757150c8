import type { ReactNode } from 'react';
import css from './StateShape.module.css';

export type Shape =
  | 'hourglass'
  | 'ring'
  | 'arc'
  | 'tick'
  | 'cross'
  | 'slash'
  | 'dash'
  | 'chevron'
  | 'arrow'
  | 'back'
  | 'bars'
  | 'hand'
  | 'clock'
  | 'question'
  | 'alert';

const STROKE = { fill: 'none', stroke: 'currentColor', strokeWidth: 1.75, strokeLinecap: 'round', strokeLinejoin: 'round' } as const;

const RING = <circle cx="8" cy="8" r="6.25" {...STROKE} />;
const DISC = <circle cx="8" cy="8" r="7.25" fill="currentColor" />;
const INK = { ...STROKE, stroke: 'var(--surface)', strokeWidth: 1.9 };

const SHAPES: Record<Exclude<Shape, 'arc'>, ReactNode> = {
  hourglass: <path d="M4.5 2.5h7M4.5 13.5h7M5.5 2.5v2.2L8 8l2.5-3.3V2.5M5.5 13.5v-2.2L8 8l2.5 3.3v2.2" {...STROKE} />,
  ring: RING,
  tick: (
    <>
      {DISC}
      <path d="m4.9 8.2 2.2 2.2 4-4.6" {...INK} />
    </>
  ),
  cross: (
    <>
      {DISC}
      <path d="m5.5 5.5 5 5m0-5-5 5" {...INK} />
    </>
  ),
  slash: (
    <>
      {RING}
      <path d="m4 12 8-8" {...STROKE} />
    </>
  ),
  dash: (
    <>
      {RING}
      <path d="M5.5 8h5" {...STROKE} />
    </>
  ),
  chevron: (
    <>
      {RING}
      <path d="m6.8 5.3 2.7 2.7-2.7 2.7" {...STROKE} />
    </>
  ),
  arrow: <path d="M2.5 8h10.5M8.8 3.6 13.2 8l-4.4 4.4" {...STROKE} />,
  back: <path d="M13.5 8H3M7.2 3.6 2.8 8l4.4 4.4" {...STROKE} />,
  bars: <path d="M5.75 3.5v9M10.25 3.5v9" {...STROKE} strokeWidth={2.5} />,
  hand: (
    <path
      d="M5 8.5V4.2a1 1 0 0 1 2 0V7m0-3.7a1 1 0 0 1 2 0V7m0-2.8a1 1 0 0 1 2 0v5.3c0 2.7-1.5 4.2-3.5 4.2S4.3 12.5 3 10.2c-.6-1.1.6-1.9 1.4-1.1L5 9.7"
      {...STROKE}
      strokeWidth={1.4}
    />
  ),
  clock: (
    <>
      {RING}
      <path d="M8 4.8V8l2.2 1.6" {...STROKE} />
    </>
  ),
  question: (
    <>
      {RING}
      <path d="M6.2 6.3a1.8 1.8 0 1 1 2.7 1.6c-.6.3-.9.7-.9 1.2M8 11.4v.1" {...STROKE} />
    </>
  ),
  alert: <path d="M8 2.2 14.4 13.4H1.6zM8 6.4v3M8 11.5v.1" {...STROKE} />,
};

/** An arc this small shows no more; a finer one would only be drawn more often. */
const STEPS = 50;

/** Length of the circle with radius 6.25. */
const AROUND = 2 * Math.PI * 6.25;

export function StateShape({ shape, progress }: { shape: Shape; progress: number | null }) {
  return (
    <svg
      width="16"
      height="16"
      viewBox="0 0 16 16"
      aria-hidden="true"
      className={shape === 'arc' && progress === null ? css.turning : undefined}
    >
      {shape === 'arc' ? <Arc progress={progress} /> : SHAPES[shape]}
    </svg>
  );
}

/** Fills to the expected duration; turns slowly when nobody knows it. Never quite full: it is still running. */
function Arc({ progress }: { progress: number | null }) {
  const part = progress === null ? 0.28 : Math.min(0.94, Math.max(0.06, Math.round(progress * STEPS) / STEPS));
  return (
    <>
      <circle cx="8" cy="8" r="6.25" {...STROKE} strokeWidth={2.25} opacity={0.25} />
      <circle
        cx="8"
        cy="8"
        r="6.25"
        {...STROKE}
        strokeWidth={2.25}
        strokeDasharray={`${AROUND * part} ${AROUND}`}
        transform="rotate(-90 8 8)"
      />
    </>
  );
}
