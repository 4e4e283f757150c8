import type { Page } from '@playwright/test';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Installation } from '../installation.js';
import { NewcomersPage } from '../newcomers-page.js';

const SCRIPTS = '**/assets/*.js';

let installation: Installation;
let newcomer: NewcomersPage;
let page: Page;

beforeAll(async () => {
  installation = await Installation.create();
  newcomer = await NewcomersPage.open(installation);
  page = newcomer.page;
  await newcomer.followSignInLink();
});
afterAll(async () => {
  await newcomer?.[Symbol.asyncDispose]();
  await installation?.destroy();
});
beforeEach(async () => {
  await newcomer.go('/projects');
  await newcomer.see('sample');
});

const toAgents = () => page.getByRole('link', { name: 'Agents', exact: true }).first().click();
const agentsAreShown = () => page.getByRole('heading', { name: 'Agents', level: 1 }).waitFor();

describe('a page whose files are not there', () => {
  it('appears by itself when the server is back, and meanwhile says that it is away', async () => {
    await page.context().setOffline(true);
    await toAgents();
    await page.getByRole('status', { name: 'Reconnecting' }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    await page.context().setOffline(false);
    await agentsAreShown();
    expect(new URL(page.url()).pathname).toBe('/agents');
  });

  it('appears after loading the new version once, where the old one is gone', async () => {
    let loads = 0;
    page.on('load', () => loads++);
    await page.route(SCRIPTS, (route) => route.fulfill({ status: 404 }));
    page.once('framenavigated', () => void page.unroute(SCRIPTS));
    await toAgents();
    await agentsAreShown();
    expect([new URL(page.url()).pathname, loads]).toEqual(['/agents', 1]);
  });

  it('says so where loading again does not help, and does not try for ever', async () => {
    await page.route('**/assets/Agents*.js', (route) => route.fulfill({ status: 404 }));
    await toAgents();
    await page.getByRole('alert').getByText('Load the page again').waitFor();
    expect(await page.getByRole('alert').textContent()).not.toContain('preload');
    await page.unroute('**/assets/Agents*.js');
  });
});
