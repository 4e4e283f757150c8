import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { openPage } from '../../testing/open-page.tsx';

const SLOW = { timeout: 8000 };

describe('the commits of a branch', () => {
  it('lead to their newest run, name what stands at them, and say where they are live', async () => {
    const { at, user } = await openPage('/projects/storefront/web/commits/main');
    const row = (await screen.findByText('v1.4.0', {}, SLOW)).closest('li') as HTMLElement;
    expect(within(row).getByRole('link', { name: 'Live in production' })).toBeTruthy();
    await user.click(within(row).getByRole('link', { name: 'Cache the price list for a minute' }));
    await waitFor(() => expect(at().pathname).toMatch(/^\/projects\/storefront\/web\/runs\/\d+$/), SLOW);
  });

  it('say why one that was pushed has no run', async () => {
    await openPage('/projects/storefront/web/commits/main');
    expect(await screen.findByRole('link', { name: 'no run: why? The newest commit says [skip ci].' }, SLOW)).toBeTruthy();
  });

  it('are paged, and searched', async () => {
    const { user } = await openPage('/projects/storefront/web/commits/main');
    await user.click(await screen.findByRole('button', { name: 'Earlier commits' }, SLOW));
    await waitFor(() => expect(screen.getAllByRole('button', { name: /^Copy commit/ })).toHaveLength(45), SLOW);
    await user.type(screen.getByRole('searchbox', { name: 'Search commits' }), 'nothing like it');
    expect(await screen.findByText(/No commit matches “nothing like it”/, {}, SLOW)).toBeTruthy();
  });

  it('say it in place when there is no such branch', async () => {
    await openPage('/projects/storefront/web/commits/no/such');
    expect((await screen.findByRole('alert', {}, SLOW)).textContent).toMatch(/There is no branch, tag or commit "no\/such"/);
  });
});

describe('a comparison', () => {
  it('says how far the two are apart, and leads from one pair to another', async () => {
    const { user, at } = await openPage('/projects/storefront/web/compare/main...improve/cart');
    expect(await screen.findByText(/commits ahead of main/, {}, SLOW)).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Swap the two' }));
    expect(at().pathname).toBe('/projects/storefront/web/compare/improve/cart...main');
  });

  it('lists the files that differ, and shows how one does when it is opened', async () => {
    const { user } = await openPage('/projects/storefront/web/compare/main...improve/cart?view=files');
    await user.click(await screen.findByRole('button', { name: /^Modified: ?src\/checkout\/summary.ts/ }, SLOW));
    expect(await screen.findByText(/export function summary\(cart: Cart, country: Country\)/, {}, SLOW)).toBeTruthy();
    expect(screen.getByRole('button', { name: /^Renamed: ?src\/hello.ts → ?src\/greeting.ts/ })).toBeTruthy();
    await user.click(screen.getByRole('button', { name: /^Added: ?assets\/logo.png/ }));
    expect(await screen.findByText('This is a binary file, so there is nothing to show.', {}, SLOW)).toBeTruthy();
    await user.click(screen.getByRole('button', { name: /^More files: 24$/ }));
    expect(await screen.findByRole('button', { name: /module-069/ }, SLOW)).toBeTruthy();
  });

  it('says what is wrong when a name leads nowhere', async () => {
    await openPage('/projects/storefront/web/compare/main...nowhere');
    expect((await screen.findByRole('alert', {}, SLOW)).textContent).toMatch(/There is no branch, tag or commit "nowhere"/);
  });
});

describe('the pushes', () => {
  it('say of each which run it started, or why none', async () => {
    await openPage('/projects/storefront?view=pushes');
    const row = (await screen.findAllByText('ada/cart-3', {}, SLOW))[0]?.closest('li') as HTMLElement;
    expect(within(row).getByText('forced')).toBeTruthy();
    expect(row.textContent).toMatch(/No run\. The pipeline’s on\.push\.branches names main/);
  });

  it('are spoken of above the runs when the newest started none', async () => {
    const { user, at } = await openPage('/projects/storefront');
    expect((await screen.findByText(/The last push, to/, {}, SLOW)).textContent).toMatch(
      /started no run\. The newest commit says \[skip ci\]/,
    );
    await user.click(screen.getByRole('link', { name: 'All pushes' }));
    expect(at().search).toBe('?view=pushes&repository=web');
  });

  it('lead from where “git push” sends people to the run, as soon as the push is read', async () => {
    const sha = 'f'.repeat(40);
    const { server, at } = await openPage(`/projects/sample/hello/pushed/${sha}`);
    expect(await screen.findByText('The push is being read', {}, SLOW)).toBeTruthy();
    const [project] = server.resolvers.data.projects;
    const [run] = project?.allRuns ?? [];
    const seen = server.resolvers.data.projects[1]?.repositories[0].allPushes[0];
    await waitFor(() => expect(server.resolvers.changes.listenerCount('change')).toBeGreaterThan(0), SLOW);
    project?.repositories[0].allPushes.unshift({ ...seen, id: 'just-now', newSha: sha, noRun: null, run });
    server.resolvers.changed();
    await waitFor(() => expect(at().pathname).toBe(`/projects/sample/hello/runs/${run.number}`), SLOW);
  });

  it('say there why there is no run, and let one choose where there are several', async () => {
    const sha = 'e'.repeat(40);
    const { server, at, router } = await openPage('/projects/storefront/web/pushed/abc');
    expect(await screen.findByText('This link is incomplete', {}, SLOW)).toBeTruthy();
    const { allPushes } = server.resolvers.data.projects[1]?.repositories[0] ?? {};
    const without = allPushes.find((push: { run: object | null }) => !push.run);
    const [one, other] = allPushes.filter((push: { run: object | null }) => push.run);
    allPushes.unshift({ ...without, id: 'skipped', newSha: sha });
    await router.navigate(`/projects/storefront/web/pushed/${sha}`);
    expect(await screen.findByText(/No run\./, {}, SLOW)).toBeTruthy();
    allPushes.unshift({ ...one, id: 'one', newSha: sha }, { ...other, id: 'other', newSha: sha });
    server.resolvers.changed();
    expect(await screen.findAllByRole('link', { name: /#\d+$/ }, SLOW)).toHaveLength(2);
    expect(at().pathname).toMatch(/\/pushed\//);
  });

  it('are not spoken of when a run came after them', async () => {
    await openPage('/projects/sample');
    await screen.findByText('hello #29', {}, SLOW);
    expect(screen.queryByText(/The last push, to/)).toBeNull();
  });
});
