import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { FakeServer } from '../../testing/fake-server.ts';
import type { Thing } from '../../testing/fake-things.ts';
import { openPage } from '../../testing/open-page.tsx';

const SLOW = { timeout: 8000 };

const runOf = (server: FakeServer, project: string, number: number): Thing => {
  const found = server.resolvers.data.projects.find((each) => each.name === project);
  return found?.allRuns.find((run: Thing) => run.number === number);
};
const jobOf = (run: Thing, name: string): Thing => run.jobs.find((job: Thing) => job.name === name);
const pane = (name: string) => screen.findByRole('region', { name: `Job ${name}` }, SLOW);

/** Somebody else tries a job again, and an agent takes it up. */
function retried(server: FakeServer, old: Thing): Thing {
  const job = server.resolvers.mutation.retryJob({ id: old.id });
  Object.assign(job, {
    state: 'RUNNING',
    startedAt: new Date().toISOString(),
    attempts: [
      {
        id: crypto.randomUUID(),
        number: 900,
        state: 'running',
        agent: null,
        outcome: null,
        createdAt: new Date().toISOString(),
        endedAt: null,
      },
    ],
  });
  const log = server.resolvers.data.logs.get(old.id);
  if (log) server.resolvers.data.logs.set(job.id, log);
  server.resolvers.changed();
  return job;
}

describe('the run page', () => {
  it('writes the job that it chose into the address, and stays with it when that ends and another fails', async () => {
    const { server, at } = await openPage('/projects/sample/hello/runs/29');
    await pane('unit');
    expect(at().search).toBe('?job=unit');
    await waitFor(() => expect(server.resolvers.changes.listenerCount('change')).toBeGreaterThan(1), SLOW);
    const run = runOf(server, 'sample', 29);
    Object.assign(jobOf(run, 'unit'), { state: 'SUCCEEDED', finishedAt: new Date().toISOString() });
    Object.assign(jobOf(run, 'lint'), { state: 'FAILED', message: 'The step “eslint” ended with exit code 1.' });
    server.resolvers.changed();
    const link = await screen.findByRole('link', { name: 'lint failed' }, SLOW);
    expect(await pane('unit')).toBeTruthy();
    expect(link.getAttribute('href')).toContain('?job=lint');
    expect(document.title).toMatch(/^◐ /);
  });

  it('shows a run that never had a job', async () => {
    const { at } = await openPage('/projects/sample/hello/runs/29', (server) => {
      const run = runOf(server, 'sample', 29);
      run.jobs.length = 0;
      run.problems.push({ file: '.slipway.yml', line: 3, column: 1, message: 'There is no key “setps”.', remedy: 'Write “steps”.' });
    });
    expect(await screen.findByText(/There is no key “setps”/, {}, SLOW)).toBeTruthy();
    expect(at().search).toBe('');
  });

  it('gives a line an address that means that line of that try for ever', async () => {
    const { server, user, at, router } = await openPage('/projects/storefront/web/runs/41?job=unit');
    const log = await screen.findByRole('region', { name: 'Log of unit' }, SLOW);
    const number = (await within(log).findByText(/AssertionError/, {}, SLOW)).closest('[data-line]')?.querySelector('a') as HTMLElement;
    const old = jobOf(runOf(server, 'storefront', 41), 'unit');
    const attempt = old.attempts.find((each: Thing) => each.number === 141).id;
    expect(number.getAttribute('href')).toBe(`/projects/storefront/web/runs/41?job=unit&attempt=${attempt}#L50`);
    await user.click(number);
    expect(at().search + at().hash).toBe(`?job=unit&attempt=${attempt}#L50`);
    retried(server, old);
    expect(await screen.findByText(/This is an earlier try/, {}, SLOW)).toBeTruthy();
    await router.navigate('/projects');
    await router.navigate(`/projects/storefront/web/runs/41?job=unit&attempt=${attempt}#L50`);
    expect(await screen.findByText(/This is an earlier try/, {}, SLOW)).toBeTruthy();
    await waitFor(() => expect(document.querySelector('[data-line="50"]')?.hasAttribute('data-selected')).toBe(true), SLOW);
    await user.click(screen.getByRole('link', { name: 'Show the newest attempt' }));
    await waitFor(() => expect(at().search).not.toContain(attempt));
  });

  it('does not put another try in the place of the one that is read', async () => {
    const { server, user } = await openPage('/projects/storefront/web/runs/41?job=unit');
    await screen.findByRole('region', { name: 'Log of unit' }, SLOW);
    const old = jobOf(runOf(server, 'storefront', 41), 'unit');
    const job = retried(server, old);
    await screen.findByText(/This is an earlier try/, {}, SLOW);
    expect(
      within(await pane('unit'))
        .getByRole('link', { name: 'Open job' })
        .getAttribute('href'),
    ).toBe(`/jobs/${old.id}`);
    await user.click(within(screen.getByRole('navigation', { name: 'Jobs' })).getByRole('link', { name: /^(Queued|Running)unit/ }));
    await waitFor(() => expect(screen.getByRole('link', { name: 'Open job' }).getAttribute('href')).toBe(`/jobs/${job.id}`), SLOW);
  });

  it('goes to a line that the address names while the page is open', async () => {
    const { router, server } = await openPage('/projects');
    const run = runOf(server, 'storefront', 39);
    await router.navigate('/projects/storefront/web/runs/39?job=build#L500000');
    await screen.findByText(/^module 0499999 /, {}, SLOW);
    await router.navigate(`/projects/storefront/web/runs/39?job=build&attempt=${run.jobs[0].attempts[0].id}#L1200`);
    expect(await screen.findByText(/^module 0001199 /, {}, SLOW)).toBeTruthy();
  });

  it('says that a linked log is not there instead of showing another', async () => {
    await openPage('/projects/storefront/web/runs/41?job=unit&attempt=gone#L5');
    expect(await screen.findByText(/The log that this link leads to isn’t part of this run/, {}, SLOW)).toBeTruthy();
  });

  it('reaches every failed test, and says how many cases of a large report are stored', async () => {
    const { user } = await openPage('/projects/fleet/ferry/runs/1');
    await user.click(await screen.findByRole('heading', { name: /^130 of 540.130 tests failed/ }, SLOW));
    expect(screen.getByText(/cases were reported, 100.000 are stored, failures first/)).toBeTruthy();
    for (const shown of [50, 100])
      await user.click(await screen.findByRole('button', { name: `${shown} of 130 are shown: load more` }, SLOW));
    expect(await screen.findByText('leaves at 129 past', { exact: false }, SLOW)).toBeTruthy();
    expect(screen.queryByRole('button', { name: /load more/ })).toBeNull();
  });

  it('leads to the application that is live, and runs again what is over', async () => {
    const { user, at } = await openPage('/projects/fleet/ferry/runs/2');
    const open = await screen.findByRole('link', { name: 'Open production' }, SLOW);
    expect(open.getAttribute('href')).toBe('http://localhost:20030/');
    await user.click(screen.getByRole('button', { name: 'Run again' }));
    await waitFor(() => expect(at().pathname).toBe('/projects/fleet/ferry/runs/3'), SLOW);
  });

  it('offers nothing that the viewer may not do', async () => {
    await openPage('/projects/fleet/ferry/runs/1', ({ resolvers }) => {
      for (const project of resolvers.data.projects) project.permissions = ['project.read'];
    });
    await pane('unit 7/24');
    for (const name of ['Run again', 'Retry unit 7/24', 'Cancel run']) expect(screen.queryByRole('button', { name })).toBeNull();
  });
});
