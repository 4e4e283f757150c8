import { IconSearch } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useApi } from '../../api/api.ts';
import { useConnection } from '../../api/connection.ts';
import { loadPart } from '../../api/load-part.ts';
import { useViewer } from '../../people/access/viewer.tsx';
import { formatElapsed } from '../../ui/format.ts';
import { shorten } from '../../ui/shorten.ts';
import { useNow } from '../../ui/ticker.ts';
import { Breadcrumb } from './Breadcrumb.tsx';
import css from './Frame.module.css';

const UserMenu = lazy(async () => ({ default: (await loadPart(() => import('./UserMenu.tsx'))).UserMenu }));

export function TopBar({ onPalette, loading }: { onPalette: () => void; loading: boolean }) {
  return (
    <header className={css.bar}>
      <div className={css.progress} data-loading={loading || undefined} />
      <Breadcrumb />
      <ConnectionState />
      <button type="button" className={css.palette} onClick={onPalette} aria-label="Go to… Ctrl K" aria-keyshortcuts="Control+K Meta+K">
        <IconSearch size={15} />
        <span>Go to…</span>
        <kbd>Ctrl K</kbd>
      </button>
      <UserMenuButton />
    </header>
  );
}

/** Whether the page is live, or since when it is not. */
function ConnectionState() {
  const { connection } = useApi();
  const { state, sinceMs } = useConnection(connection);
  const now = useNow(state === 'reconnecting');
  const lost = state === 'reconnecting';
  // The word's place is there before the connection is.
  const word = lost ? `Reconnecting · ${formatElapsed(now - sinceMs)}` : 'Live';
  return (
    <span
      className={css.connection}
      data-state={state}
      role="status"
      aria-label={lost ? 'Reconnecting' : state === 'live' ? word : 'Not live'}
    >
      <span className={css.dot} />
      <span aria-hidden="true">{word}</span>
    </span>
  );
}

/** The menu itself is loaded when it is first asked for. */
function UserMenuButton() {
  const { name } = useViewer();
  const [wanted, setWanted] = useState(false);
  const closed = (
    <button type="button" className={css.user} aria-label={`Account of ${name}`} aria-haspopup="menu" onClick={() => setWanted(true)}>
      {shorten(name, 1).toUpperCase()}
    </button>
  );
  return wanted ? (
    <Suspense fallback={closed}>
      <UserMenu />
    </Suspense>
  ) : (
    closed
  );
}
