import { NavLink } from 'react-router';
import css from './TabLinks.module.css';

/** Tabs that are addresses: back works, a link shows the same. */
export function TabLinks({ label, tabs }: { label: string; tabs: { to: string; name: string; end?: boolean }[] }) {
  return (
    <nav className={css.tabs} aria-label={label}>
      {tabs.map((tab) => (
        <NavLink key={tab.to} to={tab.to} end={tab.end ?? false} className={css.tab ?? ''}>
          {tab.name}
        </NavLink>
      ))}
    </nav>
  );
}
