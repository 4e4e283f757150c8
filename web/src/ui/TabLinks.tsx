import { useEffect, useRef } from 'react';
import { NavLink, useLocation } from 'react-router';
import css from './TabLinks.module.css';

/** Tabs that are addresses: back works, a link shows the same. Where they don't fit, they scroll, and the chosen one is in sight. */
export function TabLinks({ label, tabs }: { label: string; tabs: { to: string; name: string; end?: boolean }[] }) {
  const { pathname } = useLocation();
  const nav = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new address chooses another tab
  useEffect(() => {
    nav.current?.querySelector('[aria-current="page"]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [pathname]);
  return (
    <nav className={css.tabs} aria-label={label} ref={nav}>
      {tabs.map((tab) => (
        <NavLink key={tab.to} to={tab.to} end={tab.end ?? false} className={css.tab ?? ''}>
          {tab.name}
        </NavLink>
      ))}
    </nav>
  );
}
