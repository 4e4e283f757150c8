import type { OperationVariables, TypedDocumentNode } from '@apollo/client';
import { useCallback, useRef } from 'react';
import { useApi } from './api.ts';

/**
 * Reads the first page of a list once more into the cache, where it is merged with the pages already loaded; a refetch of
 * Apollo's would throw those away. Fails silently: what is shown stays, and the connection's state is said by the frame.
 */
export function useReadAgain<TData, TVariables extends OperationVariables>(
  query: TypedDocumentNode<TData, TVariables>,
  variables: TVariables,
): () => void {
  const { apollo } = useApi();
  const current = useRef(variables);
  current.current = variables;
  return useCallback(() => {
    apollo.query({ query, variables: current.current, fetchPolicy: 'network-only' } as never).catch(() => undefined);
  }, [apollo, query]);
}
