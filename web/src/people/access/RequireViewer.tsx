import { useQuery } from '@apollo/client/react';
import type { ReactNode } from 'react';
import { Navigate, useLocation } from 'react-router';
import { isSignedOut } from '../../api/errors.ts';
import { ReadFailed } from '../../api/ReadFailed.tsx';
import { ViewerDocument } from '../../generated/graphql.ts';
import { ViewerProvider } from './viewer.tsx';

/** Shows its content only to people who are signed in; others are sent to the sign-in page and back. */
export function RequireViewer({ children }: { children: ReactNode }) {
  const { data, error, refetch } = useQuery(ViewerDocument, { fetchPolicy: 'cache-and-network', nextFetchPolicy: 'cache-first' });
  const { pathname, search, hash } = useLocation();
  if (data?.viewer) return <ViewerProvider value={data.viewer}>{children}</ViewerProvider>;
  if (data || (error && isSignedOut(error))) {
    const here = pathname + search + hash;
    return <Navigate to={here === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(here)}`} replace />;
  }
  if (error) return <ReadFailed title="Slipway can’t be reached" error={error} onRetry={() => void refetch()} />;
  return null;
}
