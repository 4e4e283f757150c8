import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { openPage } from '../../testing/open-page.tsx';

const SLOW = { timeout: 8000 };
const BRANCHES = '/projects/storefront/branches';

const rowNames = () => [...document.querySelectorAll('main a[data-row]')].map((row) => row.textContent);

async function openMenu(user: Awaited<ReturnType<typeof openPage>>['user'], branch: string, entry: RegExp) {
  await user.click(await screen.findByRole('button', { name: `More for ${branch}` }, SLOW));
  // Where nothing is laid out the menu may take its button for one that was scrolled away, and hide.
  await user.click(await screen.findByRole('menuitem', { name: entry, hidden: true }, SLOW));
}

describe('the branches', () => {
  it('are shown a page at a time, and found by a part of the name', async () => {
    const { user, at } = await openPage(BRANCHES);
    await screen.findByText('ada/cart-15', {}, SLOW);
    expect(rowNames()).toHaveLength(50);
    await user.click(screen.getByRole('button', { name: 'Load more branches' }));
    await waitFor(() => expect(rowNames()).toHaveLength(100), SLOW);
    await user.type(screen.getByRole('searchbox', { name: 'Search branches' }), 'IMPROVE');
    await waitFor(() => expect(rowNames()).toEqual(['improve/cart']), SLOW);
    expect(at().search).toBe('?q=IMPROVE');
  });

  it('say how far they are from the default branch, and which rule protects them', async () => {
    await openPage(`${BRANCHES}?q=main`);
    expect(await screen.findByRole('img', { name: /^Rule main: nobody pushes/ }, SLOW)).toBeTruthy();
    await openPage(`${BRANCHES}?q=ada/login-11`);
    expect((await screen.findAllByRole('img', { name: /behind main, \d+ ahead of it$/ }, SLOW)).length).toBeGreaterThan(0);
  });

  it('follow what is pushed, and keep the pages that were loaded', async () => {
    const { server, user } = await openPage(`${BRANCHES}?order=updated`);
    await user.click(await screen.findByRole('button', { name: 'Load more branches' }, SLOW));
    await waitFor(() => expect(rowNames()).toHaveLength(100), SLOW);
    const web = server.resolvers.data.projects[1]?.repositories[0];
    const first = web.allBranches[0];
    web.allBranches.push({ ...first, id: 'new', name: 'brand/new', isDefault: false, updatedAt: new Date().toISOString() });
    web.allPushes.unshift({ ...web.allPushes[0], id: 'p-new' });
    server.resolvers.changed();
    await waitFor(() => expect(rowNames()[0]).toBe('brand/new'), SLOW);
    expect(rowNames()).toHaveLength(101);
  });

  it('are made from another one; a name that Git does not allow is said beside the field', async () => {
    const { user } = await openPage(BRANCHES);
    await user.click(await screen.findByRole('button', { name: 'New branch' }, SLOW));
    const dialog = await screen.findByRole('dialog', {}, SLOW);
    await user.type(within(dialog).getByLabelText('Name'), 'my branch');
    await user.click(within(dialog).getByRole('button', { name: 'Create branch' }));
    expect((await within(dialog).findByRole('alert')).textContent).toMatch(/Try "my-branch"/);
    await user.clear(within(dialog).getByLabelText('Name'));
    await user.type(within(dialog).getByLabelText('Name'), 'my/branch');
    await user.click(within(dialog).getByRole('button', { name: 'Create branch' }));
    await waitFor(() => expect(rowNames()).toEqual(['my/branch']), SLOW);
  });

  it('are deleted after their name was typed, and what comes from them was named', async () => {
    const { user } = await openPage(`${BRANCHES}?q=improve`);
    await openMenu(user, 'improve/cart', /Delete/);
    const dialog = await screen.findByRole('dialog', {}, SLOW);
    expect(await within(dialog).findByText(/An open pull request comes from it: #37/, {}, SLOW)).toBeTruthy();
    await user.type(within(dialog).getByLabelText('Type improve/cart to confirm'), 'improve/cart');
    await user.click(within(dialog).getByRole('button', { name: 'Delete branch' }));
    expect(await screen.findByText(/No branch has “improve” in its name/, {}, SLOW)).toBeTruthy();
  });

  it('can be chosen by keyboard in a field, out of more than fit a list', async () => {
    const { user } = await openPage(BRANCHES);
    await user.click(await screen.findByRole('button', { name: 'New branch' }, SLOW));
    const from = await screen.findByRole('combobox', { name: 'From' }, SLOW);
    await user.clear(from);
    await user.type(from, 'release/cart');
    await waitFor(() => expect(screen.getAllByRole('option').length).toBeGreaterThan(1), SLOW);
    await user.keyboard('{ArrowDown}{Enter}');
    expect((from as HTMLInputElement).value).toMatch(/^release\/cart/);
    expect(screen.getByRole('dialog')).toBeTruthy();
  });
});

describe('a merge', () => {
  const dialogFor = async (branch: string) => {
    const page = await openPage(`${BRANCHES}?q=${branch}`);
    await openMenu(page.user, branch, /Merge/);
    return { ...page, dialog: await screen.findByRole('dialog', {}, SLOW) };
  };
  const button = (dialog: HTMLElement) => within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Merge into main' });

  it('names the files in conflict before it is tried, and can’t be tried', async () => {
    const { dialog } = await dialogFor('ada/login-111');
    expect(await within(dialog).findByText('2 files are in conflict.', {}, SLOW)).toBeTruthy();
    expect(within(dialog).getByText('src/session.ts')).toBeTruthy();
    expect(button(dialog).disabled).toBe(true);
  });

  it('waits for the jobs that the rule of the target requires', async () => {
    const { dialog } = await dialogFor('fix/cart-25');
    expect(await within(dialog).findByText(/Its state is failed/, {}, SLOW)).toBeTruthy();
    expect(button(dialog).disabled).toBe(true);
  });

  it('is made of the commit that was looked at, and says where the target is then', async () => {
    const { dialog, user } = await dialogFor('ada/cart-115');
    await waitFor(() => expect(button(dialog).disabled).toBe(false), SLOW);
    await user.click(button(dialog));
    expect(await screen.findByText(/which is at/, {}, SLOW)).toBeTruthy();
    expect(screen.getByRole('link', { name: 'See the commits' }).getAttribute('href')).toBe('/projects/storefront/web/commits/main');
  });
});

describe('branch rules', () => {
  it('are made, and refused where there is one already', async () => {
    const { user } = await openPage('/projects/storefront/web/settings');
    await user.click(await screen.findByRole('button', { name: 'New rule' }, SLOW));
    const dialog = await screen.findByRole('dialog', {}, SLOW);
    await user.type(within(dialog).getByLabelText('Branches'), 'main');
    await user.click(within(dialog).getByRole('button', { name: 'Create rule' }));
    expect((await within(dialog).findByRole('alert')).textContent).toMatch(/already/);
    await user.clear(within(dialog).getByLabelText('Branches'));
    await user.type(within(dialog).getByLabelText('Branches'), 'wip/*');
    expect(within(dialog).getByText('Matches wip/one, not wip/one/more.')).toBeTruthy();
    await user.click(within(dialog).getByRole('button', { name: 'Create rule' }));
    expect(await screen.findByRole('button', { name: 'Edit rule wip/*' }, SLOW)).toBeTruthy();
  });

  it('are changed, and deleted after their pattern was typed', async () => {
    const { user } = await openPage('/projects/storefront/web/settings');
    await user.click(await screen.findByRole('button', { name: 'Edit rule main' }, SLOW));
    const dialog = await screen.findByRole('dialog', {}, SLOW);
    await user.selectOptions(within(dialog).getByLabelText('Who may push'), 'ADMIN');
    await user.click(within(dialog).getByRole('button', { name: 'Save rule' }));
    expect(await screen.findByText(/^Only admins push/, {}, SLOW)).toBeTruthy();
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull(), SLOW);
    await user.click(screen.getByRole('button', { name: 'Delete rule main' }));
    await user.type(await screen.findByLabelText('Type main to confirm', {}, SLOW), 'main');
    await user.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Delete rule' }));
    await waitFor(() => expect(screen.queryByRole('button', { name: 'Edit rule main' })).toBeNull(), SLOW);
  });
});
