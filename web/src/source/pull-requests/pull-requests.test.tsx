import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { openPage } from '../../testing/open-page.tsx';

const SLOW = { timeout: 8000 };
const LIST = '/projects/storefront/pull-requests';

describe('the pull requests', () => {
  it('say what each waits for', async () => {
    await openPage(LIST);
    const row = async (number: number) => (await screen.findByText(`#${number}`, {}, SLOW)).closest('a') as HTMLElement;
    expect(within(await row(39)).getByText('Approval needed')).toBeTruthy();
    expect(within(await row(39)).getByText('fork')).toBeTruthy();
    expect((await row(38)).textContent).toMatch(/In conflict3 files/);
    expect(within(await row(37)).getByText('Succeeded')).toBeTruthy();
  });

  it('can be those that are over, a page at a time', async () => {
    const { user } = await openPage(`${LIST}?state=merged`);
    expect(await screen.findByText('#35', {}, SLOW)).toBeTruthy();
    expect(screen.queryByText('#39')).toBeNull();
    await user.click(screen.getByRole('link', { name: 'Closed' }));
    expect(await screen.findByText('#36', {}, SLOW)).toBeTruthy();
  });

  it('leave the list of open ones as they are closed at the host', async () => {
    const { server } = await openPage(LIST);
    await screen.findByText('#37', {}, SLOW);
    const web = server.resolvers.data.projects[1]?.repositories[0];
    Object.assign(web.pullRequest({ number: 37 }), { state: 'CLOSED', updatedAt: new Date().toISOString() });
    server.resolvers.changed();
    await waitFor(() => expect(screen.queryByText('#37')).toBeNull(), SLOW);
  });

  it('say where they come from when a repository has none of its own', async () => {
    await openPage('/projects/sample/pull-requests');
    expect(await screen.findByText('Pull requests are made at a code host', {}, SLOW)).toBeTruthy();
  });
});

describe('a pull request', () => {
  it('from a fork is approved for the one commit that was looked at', async () => {
    const { user, server } = await openPage('/projects/storefront/web/pull-requests/39');
    const web = server.resolvers.data.projects[1]?.repositories[0];
    const short = web.pullRequest({ number: 39 }).headSha.slice(0, 7);
    await user.click(await screen.findByRole('button', { name: `Approve ${short}…` }, SLOW));
    const dialog = await screen.findByRole('dialog', {}, SLOW);
    expect(dialog.textContent).toContain(`This runs code from outside the project at commit ${short}, without secrets.`);
    await user.click(within(dialog).getByRole('button', { name: `Run ${short}` }));
    expect((await screen.findByText(/approved commit/, {}, SLOW)).textContent).toMatch(/^Ada Lovelace approved commit/);
  });

  it('that moved meanwhile is not approved by what was asked of the old commit', async () => {
    const { user, server } = await openPage('/projects/storefront/web/pull-requests/39');
    await user.click(await screen.findByRole('button', { name: /^Approve / }, SLOW));
    const web = server.resolvers.data.projects[1]?.repositories[0];
    Object.assign(web.pullRequest({ number: 39 }), { headSha: 'f'.repeat(40), updatedAt: new Date().toISOString() });
    server.resolvers.changed();
    await screen.findByRole('button', { name: 'Approve fffffff…', hidden: true }, SLOW);
    const dialog = screen.getByRole('dialog');
    await user.click(within(dialog).getByRole('button', { name: /^Run / }));
    expect((await within(dialog).findByRole('alert')).textContent).toMatch(/There is a newer commit by now/);
  });

  it('names the files in conflict, and why nothing ran', async () => {
    await openPage('/projects/storefront/web/pull-requests/38');
    expect(await screen.findByText('src/checkout/form.ts', {}, SLOW)).toBeTruthy();
    expect(screen.getByText(/^No run\. It can’t be merged into main/)).toBeTruthy();
  });

  it('shows what the host said of its status, on its page and on its run’s', async () => {
    const { user } = await openPage('/projects/storefront/web/pull-requests/40');
    expect(await screen.findByText(/Resource not accessible by personal access token/, {}, SLOW)).toBeTruthy();
    await user.click(await screen.findByRole('link', { name: /Show prices with the tax/ }, SLOW));
    expect(await screen.findByRole('link', { name: 'Pull request #40' }, SLOW)).toBeTruthy();
    expect(screen.getByText('fork, no secrets')).toBeTruthy();
    expect(screen.getByText(/Resource not accessible by personal access token/)).toBeTruthy();
  });
});
