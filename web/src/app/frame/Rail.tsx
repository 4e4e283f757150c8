import { IconActivity, IconBox, IconCpu, IconServer2, IconUserCircle } from '@tabler/icons-react';
import { NavLink } from 'react-router';
import css from './Frame.module.css';

const PLACES = [
  { to: '/projects', name: 'Projects', icon: IconBox, keys: 'g p' },
  { to: '/environments', name: 'Environments', icon: IconServer2, keys: 'g e' },
  { to: '/activity', name: 'Activity', icon: IconActivity, keys: 'g a' },
  { to: '/agents', name: 'Agents', icon: IconCpu, keys: 'g m' },
  { to: '/account', name: 'Account', icon: IconUserCircle, keys: 'g s' },
] as const;

export function Rail() {
  return (
    <nav className={css.rail} aria-label="Main">
      <NavLink to="/projects" className={css.brand ?? ''} aria-label="Slipway, to the projects" end>
        <svg width="22" height="22" viewBox="0 0 32 32" aria-hidden="true">
          <rect width="32" height="32" rx="8" fill="var(--accent)" />
          <path d="M6 20.5 19.5 9.5h4L26 20.5z" fill="var(--on-accent)" />
          <path d="M5 25h22" stroke="var(--on-accent)" strokeWidth="2.5" strokeLinecap="round" />
        </svg>
        <span>Slipway</span>
      </NavLink>
      <ul className={css.places}>
        {PLACES.map(({ to, name, icon: Icon, keys }) => (
          <li key={to}>
            <NavLink to={to} className={css.place ?? ''} title={`${name} (${keys})`}>
              <Icon size={18} stroke={1.6} />
              <span>{name}</span>
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}
