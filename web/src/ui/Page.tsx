import { type ReactNode, useEffect } from 'react';
import css from './Page.module.css';

/** Title, facts below it, actions on the right; then the content. `title` is the document's too. */
export function Page({ title, heading, facts, actions, wide = false, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Slipway`;
  }, [title]);
  return (
    <div className={css.page} data-wide={wide || undefined}>
      {heading === null ? null : (
        <header className={css.header}>
          <div className={css.title}>{heading ?? <h1>{title}</h1>}</div>
          {facts ? <div className={css.facts}>{facts}</div> : null}
          {actions ? <div className={css.actions}>{actions}</div> : null}
        </header>
      )}
      {children}
    </div>
  );
}

type PageProps = {
  title: string;
  /** Instead of the plain title; holds the h1. Null: the content does. */
  heading?: ReactNode;
  facts?: ReactNode;
  actions?: ReactNode;
  wide?: boolean;
  children: ReactNode;
};
