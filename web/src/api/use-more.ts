import { useState } from 'react';
import { errorMessage } from './errors.ts';

/** The next page of a list, asked for by a button. What went wrong is said beside it. */
export function useMore(read: () => Promise<unknown>) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const onMore = async () => {
    setBusy(true);
    setError(null);
    try {
      await read();
    } catch (failure) {
      setError(errorMessage(failure));
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, onMore: () => void onMore() };
}
