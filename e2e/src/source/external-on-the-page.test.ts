import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GitHost } from '../git-host.js';
import { Installation } from '../installation.js';
import { NewcomersPage } from '../newcomers-page.js';
import { WorkingCopy } from '../working-copy.js';

const SETTINGS = '/projects/outside/app/settings';

/** A team whose repository is at a code host comes to Slipway with a browser alone. One story: each step goes on from the last. */
describe('an external repository on the page', () => {
  let installation: Installation;
  let newcomer: NewcomersPage;
  let host: GitHost;
  let copy: WorkingCopy;

  beforeAll(async () => {
    installation = await Installation.create({ SLIPWAY_SAMPLE: 'off', SLIPWAY_GIT_ALLOW: '127.0.0.1' });
    host = await GitHost.make();
    copy = await WorkingCopy.ofNewProject(installation, 'draft');
    await copy.git('remote', 'set-url', 'origin', host.urlWithSignIn);
    await copy.pushed('first', { 'hello.txt': 'hello' });
    newcomer = await NewcomersPage.open(installation);
    await newcomer.followSignInLink();
  });
  afterAll(async () => {
    await newcomer?.[Symbol.asyncDispose]();
    await copy?.[Symbol.asyncDispose]();
    await host?.[Symbol.asyncDispose]();
    await installation?.destroy();
  });

  it('is told what is missing, then sees what is there, and adds it', async () => {
    const { page } = newcomer;
    await newcomer.go('/projects?new');
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('outside');
    await page.getByRole('radio', { name: /At a code host/ }).check();
    await page.getByRole('button', { name: 'Create project' }).click();
    await page.getByLabel('Address', { exact: true }).fill(host.url);
    await page.getByRole('button', { name: 'Check' }).click();
    await newcomer.see(/is not public. Give a token, a password/);
    await page.getByLabel('Authentication').selectOption('password');
    await page.getByLabel('User name').fill(host.user);
    await page.getByRole('textbox', { name: 'Password' }).fill(host.password);
    await page.getByRole('button', { name: 'Check' }).click();
    const found = page.getByRole('region', { name: 'Repository found' });
    await found.getByText('main').waitFor();
    expect(await newcomer.barriers()).toEqual([]);
    await page.getByRole('button', { name: 'Add repository' }).click();
    await page.waitForURL(`**${SETTINGS}`);
    await page.locator('[data-state="Fresh"]').waitFor();
    expect(await newcomer.barriers()).toEqual([]);
  });

  it('shows the address and secret that a webhook needs, and that it called', async () => {
    const { page } = newcomer;
    await newcomer.see('No deliveries yet');
    const address = await page.getByRole('region', { name: 'webhook address' }).textContent();
    await page.getByRole('button', { name: 'Show the webhook secret' }).click();
    const secret = await page.getByRole('region', { name: 'webhook secret' }).textContent();
    expect(await ping(address ?? '', secret ?? '')).toBe(202);
    await newcomer.see('The last delivery arrived');
    await page.getByRole('link', { name: 'Deliveries' }).click();
    await page.getByRole('link', { name: /Handled\s*ping/ }).click();
    await newcomer.see(/^Pong/);
    await newcomer.see(/"zen": "Calm\."/);
    await page.getByRole('button', { name: 'Redeliver' }).click();
    await page.locator('[data-state="Handled"]').waitFor();
    expect(await newcomer.barriers()).toEqual([]);
  });

  it('says on the project’s page that its mirror is stale, and no more once the host is back', async () => {
    const { page } = newcomer;
    await newcomer.go(SETTINGS);
    await host.down();
    await page.getByRole('button', { name: 'Fetch now' }).click();
    await newcomer.see(/Mirror stale for .*: host unreachable/);
    await newcomer.go('/projects/outside');
    const stale = await newcomer.see(/Mirror stale for .*: host unreachable/);
    await host.up();
    await stale.waitFor({ state: 'detached', timeout: 60_000 });
    expect(newcomer.errors).toEqual([]);
  });
});

/** As GitHub does when a webhook was made. @returns the status of the answer */
async function ping(address: string, secret: string): Promise<number> {
  const body = JSON.stringify({ zen: 'Calm.', hook_id: 1 });
  const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  const headers = {
    'content-type': 'application/json',
    'x-github-event': 'ping',
    'x-github-delivery': 'first',
    'x-hub-signature-256': signature,
  };
  return (await fetch(address, { method: 'POST', body, headers })).status;
}
