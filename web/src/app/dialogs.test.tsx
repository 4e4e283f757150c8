import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { openPage } from '../testing/open-page.tsx';

const SLOW = { timeout: 8000 };
const gone = (role: string) => waitFor(() => expect(screen.queryByRole(role)).toBeNull(), SLOW);

describe('what lies over the page', () => {
  it.each([
    ['/account', 'New token'],
    ['/projects', 'New project'],
    ['/projects/sample/environments/development', 'Deploy a release'],
    ['/projects/sample/environments/development', 'Roll back'],
    ['/projects/sample/environments/development', 'Delete environment'],
    ['/agents/set-aside', /^Discard: A report/],
  ])('gives the focus back at Escape to what opened it: %s, %s', async (address, name) => {
    const { user } = await openPage(address);
    const opener = await screen.findByRole('button', { name }, SLOW);
    await user.click(opener);
    const dialog = await screen.findByRole('dialog', {}, SLOW);
    await waitFor(() => expect(dialog.contains(document.activeElement)).toBe(true), SLOW);
    await user.keyboard('{Escape}');
    await gone('dialog');
    expect(document.activeElement).toBe(screen.getByRole('button', { name }));
  });

  it('has a name, and gives the focus back, as the palette does from wherever it was called', async () => {
    const { user } = await openPage('/agents');
    const link = await screen.findByRole('link', { name: /^Projects/ }, SLOW);
    link.focus();
    await user.keyboard('{Control>}k{/Control}');
    const palette = await screen.findByRole('dialog', { name: 'Go anywhere' }, SLOW);
    await waitFor(() => expect(palette.contains(document.activeElement)).toBe(true), SLOW);
    await user.keyboard('{Escape}');
    await gone('dialog');
    expect(document.activeElement).toBe(link);
  });

  it('gives the focus back to the button of a menu whose entry opened a dialog', async () => {
    const { user } = await openPage('/projects/storefront/branches?q=improve');
    const button = () => screen.findByRole('button', { name: 'More for improve/cart' }, SLOW);
    await user.click(await button());
    // Where nothing is laid out the menu may take its button for one that was scrolled away, and hide.
    await user.click(await screen.findByRole('menuitem', { name: 'Merge…', hidden: true }, SLOW));
    await screen.findByRole('dialog', {}, SLOW);
    await user.keyboard('{Escape}');
    await gone('dialog');
    await waitFor(async () => expect(document.activeElement).toBe(await button()), SLOW);
  });

  it('gives the focus back to the account’s button, which loads its menu when it is first pressed', async () => {
    const { user } = await openPage('/agents');
    const button = () => screen.findByRole('button', { name: /^Account of/ }, SLOW);
    await user.click(await button());
    await screen.findByRole('menuitemradio', { name: 'Dark', hidden: true }, SLOW);
    await user.keyboard('{Escape}');
    await waitFor(async () => expect(document.activeElement).toBe(await button()), SLOW);
  });

  it('keeps a secret that is shown once: no stray key, no click beside it, no cross closes it', async () => {
    const { user, at } = await openPage('/account');
    await user.click(await screen.findByRole('button', { name: 'New token' }, SLOW));
    await user.type(await screen.findByLabelText(/^Name/, {}, SLOW), 'ci');
    await user.click(screen.getByRole('button', { name: 'Create token' }));
    const secret = await screen.findByText(/^slp_/, {}, SLOW);
    const dialog = screen.getByRole('dialog');
    expect(within(dialog).queryByRole('button', { name: 'Close' })).toBeNull();
    (document.activeElement as HTMLElement | null)?.blur();
    await user.keyboard('{Escape}gp');
    await user.click(document.querySelector('.mantine-Modal-overlay') as HTMLElement);
    expect(at().pathname).toBe('/account');
    expect(secret.isConnected).toBe(true);
    await user.click(screen.getByRole('button', { name: 'I have copied it' }));
    await gone('dialog');
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'New token' }));
  });
});

describe('what is not there', () => {
  it.each([
    '/no/such/place',
    '/projects/nope',
    '/projects/sample/environments/nope',
    '/projects/sample/nope/settings',
    '/deployments/nope',
    '/runs/nope',
    '/jobs/nope',
    '/projects/sample/web/runs/99999',
    '/projects/storefront/web/pull-requests/99999',
    '/projects/sample/nope/commits/main',
  ])('is said in a heading with a way out, and without a way to ask again: %s', async (address) => {
    await openPage(address);
    const heading = await screen.findByRole('heading', { name: /^There is no/ }, SLOW);
    expect(within(screen.getByRole('main')).getByRole('link', { name: /^(Go to|See|Repositories of|Environments of)/ })).toBeTruthy();
    expect(heading.textContent).toBeTruthy();
    expect(screen.getAllByRole('heading', { level: 1 })).toHaveLength(1);
    expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull();
    expect(screen.queryByRole('alert')).toBeNull();
  });
});
