import type { ReactNode } from 'react';
import css from './Tag.module.css';

/** A small word beside a name. `attention`: somebody has to act. */
export function Tag({
  children,
  title,
  tone = 'neutral',
}: {
  children: ReactNode;
  title?: string;
  tone?: 'neutral' | 'accent' | 'attention' | 'warning';
}) {
  return (
    <span className={css.tag} data-tone={tone} title={title}>
      {children}
    </span>
  );
}
