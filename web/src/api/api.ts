import { ApolloClient, ApolloLink, HttpLink } from '@apollo/client';
import { SetContextLink } from '@apollo/client/link/context';
import { ErrorLink } from '@apollo/client/link/error';
import { RetryLink } from '@apollo/client/link/retry';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import type { Client } from 'graphql-ws';
import { createContext, useContext } from 'react';
import { createCache } from './cache.ts';
import { ConnectionStore } from './connection.ts';
import { isSignedOut } from './errors.ts';
import { onPartsAwaited } from './load-part.ts';
import { sessionKey } from './session-key.ts';
import { createSocket } from './socket.ts';

/** All communication of the page with the server: Apollo for things, the socket and `url` for log lines. */
export type Api = {
  url: string;
  apollo: ApolloClient;
  socket: Client;
  connection: ConnectionStore;
  /** Called after signing in or out: forgets what was read as somebody else, and the socket identifies itself again. */
  forget(): Promise<void>;
  close(): Promise<void>;
};

export function createApi(origin: string): Api {
  const url = `${origin}/graphql`;
  const connection = new ConnectionStore();
  const socket = createSocket(url.replace(/^http/, 'ws'), connection);
  const apollo: ApolloClient = new ApolloClient({
    cache: createCache(),
    link: noticeSignOut(() => void apollo.refetchQueries({ include: ['Viewer'] })).split(
      ({ operationType }) => operationType === 'subscription',
      new GraphQLWsLink(socket),
      retriedQueries()
        .concat(withSessionKey())
        .concat(new HttpLink({ uri: url, credentials: 'same-origin' })),
    ),
    defaultOptions: { watchQuery: { fetchPolicy: 'cache-and-network', nextFetchPolicy: 'cache-first' } },
  });
  const stopCatchingUp = connection.onRecovered(() => void apollo.refetchQueries({ include: 'active' }));
  const stopAwaiting = onPartsAwaited(connection.awaitFiles);
  return {
    url,
    apollo,
    socket,
    connection,
    forget: async () => {
      socket.terminate();
      await apollo.clearStore();
    },
    close: async () => {
      stopCatchingUp();
      stopAwaiting();
      apollo.stop();
      // Rejects when it was just trying to connect and could not: then there is nothing to close.
      await Promise.resolve(socket.dispose()).catch(() => undefined);
    },
  };
}

function withSessionKey(): ApolloLink {
  return new SetContextLink(({ headers }) => ({ headers: { ...headers, ...sessionKey.headers() } }));
}

/** Whatever is asked next notices that a session has ended; then the page asks again who is signed in. */
function noticeSignOut(onSignedOut: () => void): ApolloLink {
  return new ErrorLink(({ error }) => {
    if (isSignedOut(error)) onSignedOut();
  });
}

/** A query that did not reach the server is repeated a few times; a mutation never is, because it may have arrived. */
function retriedQueries(): RetryLink {
  return new RetryLink({
    delay: { initial: 300, max: 3000, jitter: true },
    attempts: { max: 4, retryIf: (error, { operationType }) => Boolean(error) && operationType === 'query' && isUnreachable(error) },
  });
}

function isUnreachable(error: unknown): boolean {
  return (
    error instanceof TypeError || (typeof error === 'object' && error !== null && 'statusCode' in error && Number(error.statusCode) >= 502)
  );
}

const ApiContext = createContext<Api | null>(null);
export const ApiProvider = ApiContext.Provider;

export function useApi(): Api {
  const api = useContext(ApiContext);
  if (!api) throw new Error('useApi needs an ApiProvider above it.');
  return api;
}
