import { Fragment } from 'react';
import { Link, useLocation } from 'react-router';
import { useCrumbs } from '../../ui/crumbs.ts';
import css from './Frame.module.css';

/** The path to the current page. A page that knows more than its address sets it with `usePageCrumbs`. */
export function Breadcrumb() {
  const { pathname } = useLocation();
  const crumbs = useCrumbs(pathname);
  return (
    <nav className={css.crumbs} aria-label="Breadcrumb">
      {crumbs.map((crumb, index) => (
        <Fragment key={crumb.name + crumb.to}>
          {index > 0 ? <span aria-hidden="true">/</span> : null}
          {crumb.to && index < crumbs.length - 1 ? (
            <Link to={crumb.to}>{crumb.name}</Link>
          ) : (
            <span aria-current={index === crumbs.length - 1 ? 'page' : undefined}>{crumb.name}</span>
          )}
        </Fragment>
      ))}
    </nav>
  );
}
