import type { OperationVariables, TypedDocumentNode } from '@apollo/client';
import { useMutation } from '@apollo/client/react';
import { errorMessage } from './errors.ts';

/** A mutation for a button: `run` returns the data, or null if it failed; `error` is the sentence to show. */
export function useAction<TData, TVariables extends OperationVariables>(mutation: TypedDocumentNode<TData, TVariables>) {
  const [mutate, { loading, error, reset }] = useMutation<TData, TVariables>(mutation);
  const run = async (variables: TVariables): Promise<TData | null> => {
    try {
      const result = await mutate({ variables } as never);
      return (result.data as TData | undefined) ?? null;
    } catch {
      // Kept by useMutation as `error`, and shown by the caller.
      return null;
    }
  };
  return { run, busy: loading, error: error ? errorMessage(error) : null, reset };
}
