import { screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { describe, expect, it } from 'vitest';
import type { Thing } from '../../testing/fake-data.ts';
import { aDelivery } from '../../testing/fake-hosts.ts';
import type { FakeServer } from '../../testing/fake-server.ts';
import { openPage } from '../../testing/open-page.tsx';

const SLOW = { timeout: 8000 };

function repositoryOf(server: FakeServer, name: string): Thing {
  const project = server.resolvers.data.projects.find((each) => each.name === 'mirrors');
  return project?.repositories.find((each: Thing) => each.name === name) ?? {};
}

/** Nothing is pushed to a page that does not listen yet. */
const listening = (server: FakeServer) => waitFor(() => expect(server.resolvers.changes.listenerCount('change')).toBeGreaterThan(0), SLOW);

describe('adding a repository', () => {
  it('leads from an empty project to a hosted repository and how to clone it', async () => {
    const { user, at } = await openPage('/projects/bare');
    await user.click(await screen.findByRole('link', { name: 'Add a repository' }, SLOW));
    await user.type(await screen.findByLabelText(/^Name/, {}, SLOW), 'shop');
    await user.click(screen.getByRole('button', { name: 'Create repository' }));
    expect(await screen.findByText(/git clone .*\/bare\/shop\.git/, {}, SLOW)).toBeTruthy();
    expect(at().pathname).toBe('/projects/bare/shop/settings');
  });

  it('shows what is at an address before it is added, then the webhook to make', async () => {
    const { user, at } = await openPage('/projects/bare/settings/add-repository?kind=external');
    await user.type(await screen.findByLabelText(/^Address/, {}, SLOW), 'https://gitlab.com/acme/Web.App.git');
    await user.click(screen.getByRole('button', { name: 'Check' }));
    const found = await screen.findByRole('region', { name: 'Repository found' }, SLOW);
    expect(within(found).getByText('main')).toBeTruthy();
    expect(within(found).getByText('GitLab')).toBeTruthy();
    expect(screen.getByLabelText<HTMLInputElement>(/^Name/).value).toBe('web-app');
    await user.click(screen.getByRole('button', { name: 'Add repository' }));
    expect(await screen.findByText('No deliveries yet', {}, SLOW)).toBeTruthy();
    expect(at().pathname).toBe('/projects/bare/web-app/settings');
    expect(screen.getByText(/^http:\/\/localhost:4000\/webhooks\//)).toBeTruthy();
    expect(screen.getByText('Project → Settings → Webhooks → Add new webhook')).toBeTruthy();
  });

  it('says what is wrong, and asks again once something is changed', async () => {
    const { user } = await openPage('/projects/bare/settings/add-repository?kind=external');
    await user.type(await screen.findByLabelText(/^Address/, {}, SLOW), 'https://github.com/acme/missing.git');
    await user.click(screen.getByRole('button', { name: 'Check' }));
    expect((await screen.findByRole('alert', {}, SLOW)).textContent).toMatch(/There is no repository at .* give a credential/);
    await user.selectOptions(screen.getByLabelText('Authentication'), 'token');
    expect(screen.queryByRole('alert')).toBeNull();
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Check' }).disabled).toBe(true);
    await user.type(screen.getByLabelText(/^Token/), 'a-token');
    await user.click(screen.getByRole('button', { name: 'Check' }));
    await screen.findByRole('region', { name: 'Repository found' }, SLOW);
    await user.type(screen.getByLabelText(/^Token/), '!');
    expect(screen.queryByRole('region', { name: 'Repository found' })).toBeNull();
  });

  it('shows host keys to compare, and after it the public half of a key that Slipway made', async () => {
    const { user } = await openPage('/projects/bare/settings/add-repository?kind=external');
    await user.type(await screen.findByLabelText(/^Address/, {}, SLOW), 'git@github.com:acme/web.git');
    await user.click(screen.getByRole('button', { name: 'Check' }));
    expect(await screen.findByText(/^ED25519 SHA256:/, {}, SLOW)).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Add repository' }));
    expect(await screen.findByText(/^ssh-ed25519 /, {}, SLOW)).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Check again' })).toBeTruthy();
  });
});

describe('branches that a mirror leaves out', () => {
  const leftOut = 'One branch or tag at the host is left out: "refs/heads/caf\uFFFD".';

  it.each(['/projects/mirrors/legacy/settings', '/projects/mirrors/branches?repository=legacy'])('are told of at %s', async (address) => {
    await openPage(address, (server) => Object.assign(repositoryOf(server, 'legacy').connection, { leftOut }));
    expect(await screen.findByText(leftOut, {}, SLOW)).toBeTruthy();
  });
});

describe('the settings of a repository', () => {
  it('tell by themselves when the first delivery arrives', async () => {
    const { server } = await openPage('/projects/mirrors/docs/settings');
    await screen.findByText('No deliveries yet', {}, SLOW);
    await listening(server);
    repositoryOf(server, 'docs').connection.lastDeliveryAt = new Date().toISOString();
    server.resolvers.changed();
    expect(await screen.findByText('The last delivery arrived', {}, SLOW)).toBeTruthy();
  });

  it('show the webhook’s secret only when asked', async () => {
    const { user } = await openPage('/projects/mirrors/site/settings');
    const show = await screen.findByRole('button', { name: 'Show the webhook secret' }, SLOW);
    expect(screen.queryByText(/^q3HcN0sV/)).toBeNull();
    await user.click(show);
    expect(screen.getByText(/^q3HcN0sV/)).toBeTruthy();
  });

  it('say why a mirror is stale, and when it is well again', async () => {
    const { server } = await openPage('/projects/mirrors/billing-service-with-a-rather-long-name/settings');
    expect(await screen.findByText(/can't be reached, or the connection broke/, {}, SLOW)).toBeTruthy();
    expect(screen.getByText('Mirror stale for 12 min: host unreachable')).toBeTruthy();
    await listening(server);
    const { connection } = repositoryOf(server, 'billing-service-with-a-rather-long-name');
    Object.assign(connection, { state: 'FRESH', failingSince: null, error: null });
    server.resolvers.changed();
    expect(await screen.findByText('Fresh', {}, SLOW)).toBeTruthy();
    expect(screen.queryByText(/Mirror stale/)).toBeNull();
  });

  it('have another host key accepted only by whoever types the host’s name', async () => {
    const { user, server } = await openPage('/projects/mirrors/firmware/settings');
    const keys = await screen.findByRole('region', { name: 'Another host key' }, SLOW);
    expect(within(keys).getByText(/^ED25519 SHA256:\+DiY3/)).toBeTruthy();
    await user.click(within(keys).getByRole('button', { name: 'Accept the new key…' }));
    const dialog = await screen.findByRole('dialog', {}, SLOW);
    const accept = within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Accept the key' });
    expect(accept.disabled).toBe(true);
    await user.type(within(dialog).getByLabelText(/Type bitbucket\.org/), 'bitbucket.org');
    await user.click(accept);
    await waitFor(() => expect(screen.queryByRole('region', { name: 'Another host key' })).toBeNull(), SLOW);
    expect(repositoryOf(server, 'firmware').connection.hostKeyFingerprints).toEqual([
      'ED25519 SHA256:p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM',
    ]);
  });

  it('send only what was changed of a connection', async () => {
    const { user, server } = await openPage('/projects/mirrors/site/settings');
    const sent: Thing[] = [];
    const { changeRepositoryConnection } = server.resolvers.mutation;
    server.resolvers.mutation.changeRepositoryConnection = (args: Thing) => {
      sent.push(args.change);
      return changeRepositoryConnection(args);
    };
    await user.click(await screen.findByRole('button', { name: 'Change' }, SLOW));
    const dialog = await screen.findByRole('dialog', {}, SLOW);
    await user.selectOptions(within(dialog).getByLabelText('Fetched'), '900');
    await user.click(within(dialog).getByRole('button', { name: 'Save' }));
    expect(await screen.findByText(/every 15 min/, {}, SLOW)).toBeTruthy();
    expect(sent.map((change) => ({ ...change }))).toEqual([{ pollEverySeconds: 900 }]);
  });

  it('choose another default branch of a hosted repository', async () => {
    const { user } = await openPage('/projects/sample/hello/settings');
    await user.click(await screen.findByRole('button', { name: 'Change' }, SLOW));
    const dialog = await screen.findByRole('dialog', {}, SLOW);
    await user.type(within(dialog).getByLabelText(/^Branch/), 'no-such');
    await user.click(within(dialog).getByRole('button', { name: 'Make it the default' }));
    expect((await within(dialog).findByRole('alert', {}, SLOW)).textContent).toMatch(/no branch "no-such"/);
    await user.clear(within(dialog).getByLabelText(/^Branch/));
    await user.type(within(dialog).getByLabelText(/^Branch/), 'improve/greeting-with-a-rather-long-branch-name');
    await user.click(within(dialog).getByRole('button', { name: 'Make it the default' }));
    expect(await screen.findByText('improve/greeting-with-a-rather-long-branch-name', { selector: 'strong' }, SLOW)).toBeTruthy();
  });
});

describe('the deliveries of a repository', () => {
  it('come in by themselves, lead to headers and payload, and are delivered again', async () => {
    const { user, server } = await openPage('/projects/mirrors/site/deliveries');
    await screen.findByText('pull_request', {}, SLOW);
    await listening(server);
    aDelivery(repositoryOf(server, 'site'), 'create', 'FAILED', 0, { answer: 'It was not as documented.' });
    server.resolvers.changed();
    await user.click(await screen.findByText('create', {}, SLOW));
    expect(await screen.findByText('x-github-event', {}, SLOW)).toBeTruthy();
    expect(screen.getByText(/"full_name": "acme\/site"/)).toBeTruthy();
    expect(screen.getByText('It was not as documented.')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Redeliver' }));
    expect(await screen.findByText('Branch main was pushed: a fetch was requested.', {}, SLOW)).toBeTruthy();
  });

  it('say, when there are none, where at this host a webhook is made', async () => {
    await openPage('/projects/mirrors/firmware/deliveries');
    expect(await screen.findByText('Repository → Repository settings → Webhooks → Add webhook', {}, SLOW)).toBeTruthy();
    expect(screen.getByRole('link', { name: 'Address and secret' }).getAttribute('href')).toBe('/projects/mirrors/firmware/settings');
  });
});

describe('a project with external repositories', () => {
  it('says on every tab which mirror is stale, and forgets it by itself', async () => {
    const { server } = await openPage('/projects/mirrors/environments');
    const line = await screen.findByText(/Mirror stale for 12 min: host unreachable/, {}, SLOW);
    expect(within(line).getByRole('link', { name: 'billing-service-with-a-rather-long-name' })).toBeTruthy();
    await listening(server);
    const { connection } = repositoryOf(server, 'billing-service-with-a-rather-long-name');
    Object.assign(connection, { state: 'FRESH', failingSince: null, error: null });
    server.resolvers.changed();
    await waitFor(() => expect(screen.queryByText(/host unreachable/)).toBeNull(), SLOW);
  });

  it('has secrets of its own, set and deleted by name', async () => {
    const { user } = await openPage('/projects/sample/settings');
    await user.type(await screen.findByPlaceholderText('API_KEY', {}, SLOW), 'REGISTRY');
    await user.type(screen.getByLabelText('Value'), 'hidden');
    await user.click(screen.getByRole('button', { name: 'Set' }));
    expect(await screen.findByText('REGISTRY', {}, SLOW)).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Delete NPM_TOKEN' }));
    const dialog = await screen.findByRole('dialog', {}, SLOW);
    await user.type(within(dialog).getByLabelText(/Type NPM_TOKEN/), 'NPM_TOKEN');
    await user.click(within(dialog).getByRole('button', { name: 'Delete secret' }));
    await waitFor(() => expect(screen.queryByText('NPM_TOKEN', { selector: 'code' })).toBeNull(), SLOW);
  });
});

it.each([
  '/projects/mirrors/settings',
  '/projects/bare/settings/add-repository?kind=external',
  '/projects/mirrors/firmware/settings',
  '/projects/mirrors/docs/settings',
  '/projects/mirrors/tools/settings',
  '/projects/mirrors/site/deliveries',
])('nothing is seriously wrong for assistive technology at %s', async (address) => {
  await openPage(address);
  await screen.findByRole('heading', { level: 1 }, SLOW);
  await waitFor(() => expect(document.querySelector('[role="status"][aria-label^="Loading"]')).toBeNull(), SLOW);
  // Colours need a layout engine: they are checked in a real browser.
  const { violations } = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } });
  expect(
    violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => [id, nodes[0]?.html]),
  ).toEqual([]);
});
