import { useEffect, useState } from 'react';
import { useRouteError } from 'react-router';
import { errorMessage } from '../api/errors.ts';
import { PartGone } from '../api/load-part.ts';
import { ErrorPanel } from '../ui/ErrorPanel.tsx';
import { NotFound } from '../ui/NotFound.tsx';

export function NotFoundPage() {
  return (
    <NotFound title="There is nothing at this address" way={{ to: '/projects', name: 'Go to the projects' }}>
      It may have been deleted, or the link may be incomplete. Press Ctrl K to go to something by its name.
    </NotFound>
  );
}

/** Shown in place of a page that threw, or whose file is gone with an older version of the server. */
export function PageFailed() {
  const error = useRouteError();
  const reloading = useReload(error instanceof PartGone);
  if (reloading) return null;
  const message =
    error instanceof PartGone
      ? error.message
      : `Something in this page went wrong: ${errorMessage(error)} The other pages still work; loading this one again may help.`;
  return <ErrorPanel title="This page could not be shown" message={message} onRetry={() => window.location.reload()} isPage />;
}

const RELOADED_AT = 'slipway-reloaded-at';
const RELOAD_AGAIN_MS = 60_000;

/** Loads the new version of the page, but not over and over where that does not help. @returns whether it is under way */
function useReload(wanted: boolean): boolean {
  const [reloading] = useState(() => wanted && Date.now() - Number(sessionStorage.getItem(RELOADED_AT) ?? 0) > RELOAD_AGAIN_MS);
  useEffect(() => {
    if (!reloading) return;
    sessionStorage.setItem(RELOADED_AT, String(Date.now()));
    window.location.reload();
  }, [reloading]);
  return reloading;
}
