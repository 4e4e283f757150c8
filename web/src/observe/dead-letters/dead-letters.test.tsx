import { screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { describe, expect, it } from 'vitest';
import { openPage } from '../../testing/open-page.tsx';

const SLOW = { timeout: 8000 };
const itemOf = async (about: RegExp) => {
  const heading = await screen.findByRole('heading', { name: about }, SLOW);
  return heading.closest('li') as HTMLElement;
};

describe('the page of what was set aside', () => {
  it('is reached from the agents, says how many there are, and shows each with its error', async () => {
    const { user, at } = await openPage('/agents');
    await user.click(await screen.findByRole('link', { name: '3 set aside' }, SLOW));
    expect(await screen.findByText(/3 set aside; they hold up nothing/, {}, SLOW)).toBeTruthy();
    expect(at().pathname).toBe('/agents/set-aside');
    const push = await itemOf(/feature\/größe/);
    expect(within(push).getByText('unsupported Unicode escape sequence')).toBeTruthy();
    expect(within(push).getByText('push · storefront / web')).toBeTruthy();
    expect(within(push).getByText(/Tried once/)).toBeTruthy();
    const found = await axe.run(document.body, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] });
    expect(found.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
  });

  it('tries one again: it is gone when it is taken, and stays with the new error when it is not', async () => {
    const { user } = await openPage('/agents/set-aside');
    await user.click(await screen.findByRole('button', { name: /^Try again: Push of/ }, SLOW));
    await waitFor(() => expect(screen.queryByRole('heading', { name: /feature\/größe/ })).toBeNull(), SLOW);
    expect(await screen.findByText(/2 set aside; they hold up nothing/, {}, SLOW)).toBeTruthy();
    await user.click(screen.getByRole('button', { name: /^Try again: Message to/ }));
    expect((await screen.findByRole('alert', {}, SLOW)).textContent).toContain('It failed again');
    expect(await itemOf(/Message to/)).toBeTruthy();
  });

  it('asks before it discards one, and says in a sentence when there is none', async () => {
    const { user, server } = await openPage('/agents/set-aside');
    await user.click(await screen.findByRole('button', { name: /^Discard: A report/ }, SLOW));
    const dialog = await screen.findByRole('dialog', {}, SLOW);
    await user.click(within(dialog).getByRole('button', { name: 'Cancel' }));
    expect(await itemOf(/A report/)).toBeTruthy();
    server.resolvers.deadLetters.letters = server.resolvers.deadLetters.letters.filter(({ id }) => id === 'dl2');
    await user.click(screen.getByRole('button', { name: /^Discard: A report/ }));
    await user.click(within(await screen.findByRole('dialog', {}, SLOW)).getByRole('button', { name: 'Discard' }));
    expect(await screen.findByRole('heading', { name: 'Nothing is set aside' }, SLOW)).toBeTruthy();
  });

  it('is no way of those who may not use it', async () => {
    await openPage('/agents', (fake) => {
      fake.resolvers.data.viewer.isAdmin = false;
    });
    await screen.findByText(/slots in use/, {}, SLOW);
    expect(screen.queryByRole('link', { name: /set aside/ })).toBeNull();
  });
});
