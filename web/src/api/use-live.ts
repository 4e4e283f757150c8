import type { OperationVariables, TypedDocumentNode } from '@apollo/client';
import { useSubscription } from '@apollo/client/react';
import { useEffect } from 'react';
import { isFinal } from './errors.ts';

const RESTART_MS = 2000;

/**
 * Keeps what the subscription selects up to date in the cache, from which the page's query reads. If the server ended the subscription with an error,
 * it is started again after a while, unless the thing is gone.
 * @param onEvent called for each event, even if it changes nothing that is selected and the result of this hook stays the same
 */
export function useLive<TData, TVariables extends OperationVariables>(
  subscription: TypedDocumentNode<TData, TVariables>,
  variables: TVariables | null,
  onEvent?: () => void,
): TData | undefined {
  // Apollo's own types want the options conditional on whether TVariables is empty; this wrapper always gives them.
  const options = { variables: variables ?? undefined, skip: variables === null, onData: () => onEvent?.() };
  const { data, error, restart } = useSubscription(
    subscription,
    options as unknown as useSubscription.Options<TData, TVariables> as never,
  ) as {
    data?: TData;
    error?: unknown;
    restart: () => void;
  };
  useEffect(() => {
    if (!error || variables === null || isFinal(error)) return;
    const timer = setTimeout(restart, RESTART_MS);
    return () => clearTimeout(timer);
  }, [error, restart, variables]);
  return data;
}
