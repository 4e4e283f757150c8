import { createContext, useCallback, useContext } from 'react';
import { useNavigate } from 'react-router';
import { useApi } from '../../api/api.ts';
import { sessionKey } from '../../api/session-key.ts';
import { SignOutDocument, type ViewerFactsFragment } from '../../generated/graphql.ts';

const ViewerContext = createContext<ViewerFactsFragment | null>(null);
export const ViewerProvider = ViewerContext.Provider;

/** Who is signed in. Only below RequireViewer. */
export function useViewer(): ViewerFactsFragment {
  const viewer = useContext(ViewerContext);
  if (!viewer) throw new Error('useViewer needs RequireViewer above it.');
  return viewer;
}

/** Ends the session; whatever the server answers, this browser forgets what it read. */
export function useSignOut(): () => Promise<void> {
  const api = useApi();
  const navigate = useNavigate();
  return useCallback(async () => {
    try {
      await api.apollo.mutate({ mutation: SignOutDocument });
    } finally {
      sessionKey.drop();
      navigate('/sign-in', { replace: true });
      await api.forget();
    }
  }, [api, navigate]);
}
