import { ApolloProvider } from '@apollo/client/react';
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { RouterProvider } from 'react-router/dom';
import { type Api, ApiProvider } from '../api/api.ts';
import type { createRouter } from './router.tsx';
import { theme } from './theme/theme.ts';

const colorScheme = localStorageColorSchemeManager({ key: 'slipway-color-scheme' });

export function App({ api, router }: { api: Api; router: ReturnType<typeof createRouter> }) {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" colorSchemeManager={colorScheme}>
      <ApiProvider value={api}>
        <ApolloProvider client={api.apollo}>
          <RouterProvider router={router} />
        </ApolloProvider>
      </ApiProvider>
    </MantineProvider>
  );
}
