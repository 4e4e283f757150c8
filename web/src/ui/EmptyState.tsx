import type { ReactNode } from 'react';
import css from './EmptyState.module.css';

/** Says in a sentence what belongs here, with the button that creates the first one. `isPage`: its title is the title of the whole page. */
export function EmptyState({ title, children, action, isPage = false }: EmptyStateProps) {
  const Heading = isPage ? 'h1' : 'h2';
  return (
    <div className={css.empty}>
      <svg width="40" height="32" viewBox="0 0 40 32" aria-hidden="true" className={css.mark}>
        <path d="M5 18 25 5h6l4 13z" fill="currentColor" opacity="0.35" />
        <path d="M3 25h34" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
        <path d="M8 29h24" stroke="currentColor" strokeWidth="2" strokeLinecap="round" opacity="0.5" />
      </svg>
      <Heading className={css.title}>{title}</Heading>
      {children ? <div className={css.text}>{children}</div> : null}
      {action ? <div className={css.action}>{action}</div> : null}
    </div>
  );
}

type EmptyStateProps = { title: string; children?: ReactNode; action?: ReactNode; isPage?: boolean };
