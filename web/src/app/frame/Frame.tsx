import { lazy, Suspense, useEffect, useState } from 'react';
import { Outlet, useLocation, useNavigate, useNavigation } from 'react-router';
import { loadPart } from '../../api/load-part.ts';
import { RequireViewer } from '../../people/access/RequireViewer.tsx';
import { rememberSequence, useKeys } from '../../ui/keys.ts';
import css from './Frame.module.css';
import { moveInList } from './list-keys.ts';
import { Rail } from './Rail.tsx';
import { TopBar } from './TopBar.tsx';

const CommandPalette = lazy(async () => ({ default: (await loadPart(() => import('./CommandPalette.tsx'))).CommandPalette }));
const ShortcutHelp = lazy(async () => ({ default: (await loadPart(() => import('./ShortcutHelp.tsx'))).ShortcutHelp }));

type Overlay = 'palette' | 'help' | null;

export function Frame() {
  return (
    <RequireViewer>
      <SignedInFrame />
    </RequireViewer>
  );
}

function SignedInFrame() {
  const [overlay, setOverlay] = useState<Overlay>(null);
  const navigate = useNavigate();
  const navigation = useNavigation();
  const { pathname } = useLocation();
  const close = () => setOverlay(null);

  useKeys({
    'g p': () => navigate('/projects'),
    'g e': () => navigate('/environments'),
    'g a': () => navigate('/activity'),
    'g m': () => navigate('/agents'),
    'g s': () => navigate('/account'),
    j: () => moveInList(1),
    k: () => moveInList(-1),
    '?': () => setOverlay('help'),
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        setOverlay((open) => (open === 'palette' ? null : 'palette'));
      } else rememberSequence(event);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new address closes what lies over the page
  useEffect(close, [pathname]);

  return (
    <div className={css.frame}>
      <a className={css.skip} href="#main">
        Skip to the content
      </a>
      <Rail />
      <TopBar onPalette={() => setOverlay('palette')} loading={navigation.state === 'loading'} />
      <main id="main" className={css.main} tabIndex={-1}>
        <Outlet />
      </main>
      <div id="announcements" className="visually-hidden" aria-live="polite" role="status" />
      <Suspense>
        {overlay === 'palette' ? <CommandPalette onClose={close} onHelp={() => setOverlay('help')} /> : null}
        {overlay === 'help' ? <ShortcutHelp onClose={close} /> : null}
      </Suspense>
    </div>
  );
}
