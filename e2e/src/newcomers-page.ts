import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, type Locator, type Page, type Request } from '@playwright/test';
import { eventually } from './eventually.js';
import type { Installation } from './installation.js';

const CHROMIUM = {
  executablePath: '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};
const SEEN_MS = 20_000;

/** A person in front of a browser: where they go, and what they see there. */
export class NewcomersPage implements AsyncDisposable {
  /** What the browser's console said in red, and errors that nobody caught. */
  readonly errors: string[] = [];

  private constructor(
    private readonly browser: Browser,
    readonly page: Page,
    private readonly installation: Installation,
  ) {
    page.setDefaultTimeout(SEEN_MS);
    page.on('pageerror', (error) => this.errors.push(`${page.url()}: ${error.message}`));
    page.on('console', (message) => message.type() === 'error' && this.errors.push(`${page.url()}: ${message.text()}`));
  }

  static async open(installation: Installation): Promise<NewcomersPage> {
    const browser = await chromium.launch(CHROMIUM);
    const context = await browser.newContext({ reducedMotion: 'reduce' });
    return new NewcomersPage(browser, await context.newPage(), installation);
  }

  async go(path: string): Promise<void> {
    await this.page.goto(`${this.installation.url}${path}`);
  }

  /** By the link that `npm start` prints, on the address that everything else uses here too. */
  async followSignInLink(): Promise<void> {
    const { pathname, search } = new URL(this.installation.signInLink);
    await this.go(pathname + search);
    await this.page.waitForURL('**/projects');
  }

  /** What a browser is sent that never saw this page before: bytes on the wire, without headers. */
  async firstLoad(path: string): Promise<{ scriptBytes: number; bytes: number; requests: number }> {
    const context = await this.browser.newContext({ storageState: await this.page.context().storageState() });
    try {
      const page = await context.newPage();
      const finished: Request[] = [];
      page.on('requestfinished', (request) => finished.push(request));
      await page.goto(this.installation.url + path, { waitUntil: 'networkidle' });
      const sent = await Promise.all(
        finished.map(async (request) => ({ type: request.resourceType(), bytes: (await request.sizes()).responseBodySize })),
      );
      const total = (sizes: typeof sent) => sizes.reduce((sum, { bytes }) => sum + bytes, 0);
      return { scriptBytes: total(sent.filter(({ type }) => type === 'script')), bytes: total(sent), requests: sent.length };
    } finally {
      await context.close();
    }
  }

  async see(text: string | RegExp): Promise<Locator> {
    const found = this.page.getByText(text).first();
    await found.waitFor();
    return found;
  }

  /** A job in the list beside the log. */
  job(name: string): Locator {
    return this.page.getByRole('navigation', { name: 'Jobs' }).getByRole('link').filter({ hasText: name });
  }

  async seeJob(name: string, state: string): Promise<void> {
    await this.job(name).locator(`[data-state="${state}"]`).waitFor();
  }

  logOf(job: string): Locator {
    return this.page.getByRole('region', { name: `Log of ${job}` });
  }

  /** Follows a link that opens a page of its own. @returns what stands there */
  async textBehind(link: Locator): Promise<string> {
    const [opened] = await Promise.all([this.page.context().waitForEvent('page'), link.click()]);
    const text = (await opened.locator('body').textContent()) ?? '';
    await opened.close();
    return text;
  }

  /** What axe finds serious or critical, in light and in dark. */
  async barriers(): Promise<string[]> {
    const found: string[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      await this.page.emulateMedia({ colorScheme });
      await this.settled();
      const { violations } = await new AxeBuilder({ page: this.page }).analyze();
      for (const { id, impact, nodes } of violations)
        if (impact === 'serious' || impact === 'critical') found.push(`${this.page.url()} ${colorScheme}: ${id}: ${nodes[0]?.html}`);
    }
    return found;
  }

  /** Nothing is being fetched or drawn for the first time any more. */
  private async settled(): Promise<void> {
    await eventually('the skeletons to go', SEEN_MS, async () => (await this.page.locator('[aria-busy="true"]').count()) === 0);
    await this.page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined))));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
  }
}
