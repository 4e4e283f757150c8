import { screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { describe, expect, it } from 'vitest';
import { openPage } from '../testing/open-page.tsx';

const SLOW = { timeout: 8000 };

describe('the page', () => {
  it('leads to the sign-in and back to where one wanted to go, and says when a link was used already', async () => {
    const { user, at, server } = await openPage('/projects/sample', (fake) => {
      fake.resolvers.signedIn = false;
    });
    await user.type(await screen.findByLabelText(/E-mail/, {}, SLOW), 'ada@example.com');
    await user.type(screen.getByLabelText(/Password/), 'wrong');
    await user.click(screen.getByRole('button', { name: 'Sign in' }));
    expect((await screen.findByRole('alert')).textContent).toMatch(/E-mail or password is wrong/);
    await user.clear(screen.getByLabelText(/Password/));
    await user.type(screen.getByLabelText(/Password/), 'correct password');
    await user.click(screen.getByRole('button', { name: 'Sign in' }));
    expect(await screen.findByRole('heading', { name: 'sample' }, SLOW)).toBeTruthy();
    expect(at().pathname).toBe('/projects/sample');
    expect(server.resolvers.signedIn).toBe(true);
  });

  it('leads to the sign-in when the session ends while one works', async () => {
    const { server, user, at } = await openPage('/projects/sample/environments/development');
    await screen.findByRole('button', { name: 'Deploy a release' }, SLOW);
    server.resolvers.signedIn = false;
    await user.click(screen.getByRole('button', { name: 'Deploy a release' }));
    expect(await screen.findByRole('heading', { name: 'Sign in to Slipway' }, SLOW)).toBeTruthy();
    expect(at().search).toBe(`?next=${encodeURIComponent('/projects/sample/environments/development')}`);
  });

  it('signs in by the link of the terminal and goes on', async () => {
    const { at } = await openPage('/sign-in?link=good-link', (fake) => {
      fake.resolvers.signedIn = false;
    });
    expect(await screen.findByRole('link', { name: 'storefront' }, SLOW)).toBeTruthy();
    expect(at().pathname).toBe('/projects');
  });

  it('shows a new run of a project by itself', async () => {
    const { server } = await openPage('/projects/sample');
    await screen.findAllByText(/hello #29/, {}, SLOW);
    const { data } = server.resolvers;
    const project = data.projects[0] ?? {};
    await waitFor(() => expect(server.resolvers.changes.listenerCount('change')).toBeGreaterThan(0), SLOW);
    data.run(project, project.repositories[0], 30, 'RUNNING', { minutesAgo: 0, commit: { ...data.commit(3), subject: 'Pushed just now' } });
    server.resolvers.changed();
    expect(await screen.findByText('Pushed just now', {}, SLOW)).toBeTruthy();
    expect(screen.getByText(/hello #29/)).toBeTruthy();
  });

  it('chooses the first failure of a run: its failed test case first, then its log at the failing step', async () => {
    await openPage('/projects/storefront/web/runs/41');
    expect(await screen.findByText('The step “npm test” ended with exit code 1.', {}, SLOW)).toBeTruthy();
    expect(await screen.findByText('greeting › says the name: Expected values to be strictly equal:', {}, SLOW)).toBeTruthy();
    const log = await screen.findByRole('region', { name: 'Log of unit' }, SLOW);
    expect(await within(log).findByText(/AssertionError/)).toBeTruthy();
    expect(log.querySelector('script')).toBeNull();
    expect(within(log).getByText('<script>alert("inert")</script>')).toBeTruthy();
  });

  it('says where a pipeline is wrong and what to do', async () => {
    await openPage('/projects/storefront/web/runs/40');
    expect(await screen.findByText('.slipway.yml:12:5', {}, SLOW)).toBeTruthy();
    expect(screen.getByText(/Did you mean "steps"\?/)).toBeTruthy();
  });

  it('opens a log of a million lines at a linked line with a bounded number of elements', async () => {
    const { router, server } = await openPage('/projects');
    const job = server.resolvers.data.projects[1]?.allRuns.find((run: { number: number }) => run.number === 39).jobs[0];
    await router.navigate(`/jobs/${job.id}#L500000`);
    expect(await screen.findByText(/^module 0499999 /, {}, SLOW)).toBeTruthy();
    expect(document.querySelectorAll('[data-line]').length).toBeLessThanOrEqual(500);
    expect(document.querySelector('[data-line="500000"]')?.hasAttribute('data-selected')).toBe(true);
  });

  it('follows a running log, and misses nothing while the socket is lost', async () => {
    const { server } = await openPage('/projects/sample/hello/runs/29');
    const log = [...server.resolvers.data.logs.values()].find((each) => !each.complete);
    if (!log) throw new Error('The sample has a running log.');
    const grow = (lines: number) => {
      log.total += lines;
      server.resolvers.changed();
    };
    await screen.findByText(/^module 0000079 /, {}, SLOW);
    grow(1);
    expect(await screen.findByText(/^module 0000080 /, {}, SLOW)).toBeTruthy();
    server.dropSockets();
    grow(5);
    expect(await screen.findByText(/^module 0000085 /, {}, SLOW)).toBeTruthy();
    const numbers = [...document.querySelectorAll('[data-line]')].map((line) => Number(line.getAttribute('data-line')));
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
  });

  it('shows what a rollback changes before it is done, then follows the deployment', async () => {
    const { user, at } = await openPage('/projects/sample/environments/development');
    await user.click(await screen.findByRole('button', { name: 'Roll back' }, SLOW));
    const dialog = await screen.findByRole('dialog', {}, SLOW);
    expect(await within(dialog).findByText('LOG_LEVEL', {}, SLOW)).toBeTruthy();
    expect(within(dialog).getByText(/2 commits will no longer be served/)).toBeTruthy();
    expect(at().pathname).toBe('/projects/sample/environments/development');
    await user.click(within(dialog).getByRole('button', { name: /^Roll back to/ }));
    await waitFor(() => expect(at().pathname).toMatch(/^\/deployments\//), SLOW);
    expect(await screen.findByRole('heading', { name: /Roll development back to/ }, SLOW)).toBeTruthy();
  });

  it('deletes an environment only after its name was typed', async () => {
    const { user } = await openPage('/projects/sample/environments/development');
    await user.click(await screen.findByRole('button', { name: 'Delete environment' }, SLOW));
    const dialog = await screen.findByRole('dialog', {}, SLOW);
    const button = within(dialog).getByRole<HTMLButtonElement>('button', { name: 'Delete environment' });
    expect(button.disabled).toBe(true);
    await user.type(within(dialog).getByLabelText(/Type development/), 'development');
    expect(button.disabled).toBe(false);
  });

  it('shows the secret of a new token, once', async () => {
    const { user } = await openPage('/projects/sample/settings');
    await user.click(await screen.findByRole('button', { name: 'Get a token' }, SLOW));
    await user.click(await screen.findByRole('button', { name: 'Create token' }, SLOW));
    expect(await screen.findByText(/^slp_/, {}, SLOW)).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'I have copied it' }));
    await waitFor(() => expect(screen.queryByText(/^slp_/)).toBeNull(), SLOW);
  });

  it('keeps the frame when an address leads nowhere', async () => {
    await openPage('/no/such/place');
    expect(await screen.findByText('There is nothing at this address', {}, SLOW)).toBeTruthy();
    expect(screen.getByRole('navigation', { name: 'Main' })).toBeTruthy();
  });

  it.each([
    '/projects',
    '/projects/sample',
    '/projects/storefront/web/runs/41',
    '/projects/sample/environments/development',
    '/projects/storefront/branches',
    '/projects/storefront/web/settings',
    '/projects/storefront/web/commits/main',
    '/projects/storefront/web/compare/main...improve/cart?view=files',
    '/projects/storefront?view=pushes',
    '/projects/storefront/pull-requests',
    '/projects/storefront/web/pull-requests/39',
    '/agents',
    '/account',
  ])('has nothing seriously wrong for assistive technology at %s', async (address) => {
    await openPage(address);
    await screen.findByRole('heading', { level: 1 }, SLOW);
    await waitFor(() => expect(document.querySelector('[role="status"][aria-label^="Loading"]')).toBeNull(), SLOW);
    // Colours need a layout engine: they are checked in a real browser.
    const { violations } = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } });
    expect(
      violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => [id, nodes[0]?.html]),
    ).toEqual([]);
  });
});
