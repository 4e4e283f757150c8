import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { onTestFinished } from 'vitest';
import { createApi } from '../api/api.ts';
import { App } from '../app/App.tsx';
import { createTestRouter } from '../app/router.tsx';
import { type FakeServer, startFakeServer } from './fake-server.ts';

/** The whole page at an address, in front of a fake server of its own. Both are closed when the test ends. */
export async function openPage(address: string, prepare: (server: FakeServer) => void = () => undefined) {
  const server = await startFakeServer();
  prepare(server);
  const api = createApi(server.url);
  const router = createTestRouter(address);
  onTestFinished(async () => {
    view.unmount();
    await api.close();
    await server.close();
  });
  const view = render(<App api={api} router={router} />);
  return { server, api, router, user: userEvent.setup(), at: () => router.state.location };
}
