import type { ReactNode } from 'react';
import css from './Panel.module.css';

/** A titled part of a page. `flush`: rows go from edge to edge. */
export function Panel({
  title,
  actions,
  children,
  flush = false,
}: {
  title?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  flush?: boolean;
}) {
  return (
    <section className={css.panel}>
      {title || actions ? (
        <header className={css.header}>
          <h2>{title}</h2>
          <div className={css.actions}>{actions}</div>
        </header>
      ) : null}
      <div className={flush ? css.flush : css.body}>{children}</div>
    </section>
  );
}

/** Name and value pairs; two columns that become one when it is narrow. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className={css.facts}>{children}</dl>;
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={css.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
