import { useState } from 'react';
import { errorMessage } from './errors.ts';

/** Reads the next page of a list when a button is pressed. An error is shown beside the button. */
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
