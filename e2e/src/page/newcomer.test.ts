import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../eventually.js';
import { Installation } from '../installation.js';
import { expectInvariants } from '../invariants.js';
import { NewcomersPage } from '../newcomers-page.js';
import { Traffic } from '../traffic.js';
import { WorkingCopy } from '../working-copy.js';

const RUN_SHOWN_MS = 1_000;
const ROLLED_BACK_MS = 1_000;
const SERVED_MS = 20_000;
const ENVIRONMENT = '/projects/sample/environments/development';
const TICKS = 8;

/** The sample's page names the version that answers. */
const versionOf = (text: string): string => /<code>([0-9a-f]{7})<\/code>/.exec(text)?.[1] ?? `none in: ${text.slice(0, 100)}`;
const short = (sha: string): string => sha.slice(0, 7);

/** What a newcomer does in the first ten minutes, with a browser, Git, and the sample. One story: each step goes on from the last. */
describe('a newcomer', () => {
  let installation: Installation;
  let newcomer: NewcomersPage;
  let copy: WorkingCopy;
  let traffic: Traffic;
  let address = '';
  let first = '';
  /** The change that serves until it is rolled back to. */
  let good = '';
  const pushes: string[] = [];

  beforeAll(async () => {
    installation = await Installation.create();
    newcomer = await NewcomersPage.open(installation);
  });
  afterAll(async () => {
    await traffic?.stop();
    await newcomer?.[Symbol.asyncDispose]();
    await copy?.[Symbol.asyncDispose]();
    await installation?.destroy();
  });

  async function push(message: string): Promise<string> {
    const sha = await copy.pushed(message);
    pushes.push(sha);
    return sha;
  }

  it('opens the link and sees the sample go through build, test and deploy', async () => {
    await newcomer.followSignInLink();
    await (await newcomer.see('sample')).click();
    await (await newcomer.see('Say hello')).click();
    await newcomer.page.waitForURL('**/projects/sample/hello/runs/1?job=*');
    for (const job of ['build', 'unit', 'development']) await newcomer.seeJob(job, 'Succeeded');
    await newcomer.go(ENVIRONMENT);
    const link = newcomer.page.getByRole('link', { name: /^http:\/\/127\.0\.0\.1:\d+/ });
    expect(await newcomer.textBehind(link)).toContain('Hello from Slipway');
    address = (await link.getAttribute('href')) as string;
    traffic = new Traffic(address, versionOf);
    first = await eventually('the first answer', SERVED_MS, async () => traffic.versions[0]);
  });

  it('gets a token beside the clone command, and clones with it', async () => {
    const { page } = newcomer;
    await newcomer.go('/projects/sample/settings');
    await newcomer.see(`git clone ${installation.url}/git/sample/hello.git`);
    await page.getByRole('button', { name: 'Get a token' }).click();
    await page.getByRole('button', { name: 'Create token' }).click();
    const token = await page.getByRole('region', { name: 'token' }).textContent();
    expect(await newcomer.barriers()).toEqual([]);
    copy = await WorkingCopy.clone(installation, 'sample/hello', token as string);
  });

  it('pushes a change, sees the run within a second and each line as it is printed, and finds the change live', async () => {
    await newcomer.go('/projects/sample');
    await newcomer.see('Say hello');
    await copy.replace('src/page.js', 'Hello from Slipway', 'Hello from Grace');
    await copy.replace(
      '.slipway.yml',
      'run: npm run build',
      `run: npm run build && for i in $(seq ${TICKS}); do echo "tick $i of ${TICKS}"; sleep 0.4; done`,
    );
    const sha = await push('Greet in my own name');
    good = short(sha);
    const pushed = Date.now();
    const row = await newcomer.see('Greet in my own name');
    expect(Date.now() - pushed, 'milliseconds from the push to the run on the page').toBeLessThan(RUN_SHOWN_MS);

    await row.click();
    await newcomer.seeJob('build', 'Running');
    await newcomer.job('build').click();
    await newcomer.logOf('build').getByText(`tick 2 of ${TICKS}`).waitFor();
    expect(await newcomer.logOf('build').getByText(`tick ${TICKS} of ${TICKS}`).count(), 'the last line, while the job runs').toBe(0);
    await newcomer.logOf('build').getByText(`tick ${TICKS} of ${TICKS}`).waitFor();
    for (const job of ['build', 'unit', 'development']) await newcomer.seeJob(job, 'Succeeded');

    await newcomer.go(ENVIRONMENT);
    await newcomer.see(new RegExp(good));
    expect(await newcomer.textBehind(newcomer.page.getByRole('link', { name: address }))).toContain('Hello from Grace');
  });

  it('is told which test case a push breaks, and nothing is deployed', async () => {
    await copy.replace('src/page.js', 'Hello from Grace', 'Goodbye from Grace');
    const run = await installation.api.runOf('sample', await push('Break the greeting'), ['FAILED']);
    expect(run.jobs.map(({ name, state }) => `${name} ${state}`)).toEqual(['build SUCCEEDED', 'unit FAILED', 'development SKIPPED']);
    await newcomer.go(`/projects/sample/hello/runs/${run.number}`);
    const failed = newcomer.page.getByRole('region', { name: 'Job unit' });
    await failed.getByText('1 of 3 tests failed').waitFor();
    await failed.getByRole('group').getByText('test › the page greets: The input did not match').waitFor();
    expect(await newcomer.barriers()).toEqual([]);
    expect(traffic.versions.at(-1)).toBe(good);
  });

  it('that pushes what never gets healthy keeps the old version, which served all the time', async () => {
    await copy.replace('src/page.js', 'Goodbye from Grace', 'Hello from Grace');
    await copy.replace('.slipway.yml', 'path: /healthz', 'path: /is-not-there\n    startup: 3s');
    const run = await installation.api.runOf('sample', await push('Never healthy'), ['FAILED']);
    expect(run.jobs.at(-1)?.message).toContain(`Traffic went back to ${good}.`);
    await newcomer.go(ENVIRONMENT);
    await newcomer.see('Rolled back');
    expect(await newcomer.textBehind(newcomer.page.getByRole('link', { name: address }))).toContain(good);
    expect(traffic.versions, 'the unhealthy version got no request').toEqual([first, good]);
  });

  it('mends it, and takes it back by one click: the version before serves within a second', async () => {
    const { page } = newcomer;
    await copy.replace('.slipway.yml', 'path: /is-not-there\n    startup: 3s', 'path: /healthz');
    const sha = await push('Healthy again');
    await installation.api.runOf('sample', sha, ['SUCCEEDED']);
    await eventually('the new version to serve', SERVED_MS, async () => traffic.versions.at(-1) === short(sha));
    await newcomer.go(ENVIRONMENT);
    await newcomer.see('rolling back to it takes under a second');
    await page.getByRole('button', { name: 'Roll back', exact: true }).click();
    await page.getByRole('dialog').getByText('3 commits will no longer be served').waitFor();
    expect(await newcomer.barriers()).toEqual([]);
    const rollBack = page.getByRole('button', { name: `Roll back to ${good}` });
    await rollBack.hover();
    const clicked = Date.now();
    await rollBack.click();
    const served = await eventually('the version before to serve again', SERVED_MS, async () => traffic.firstAfter(clicked, good));
    expect(served - clicked, 'milliseconds from the click to the first answer').toBeLessThan(ROLLED_BACK_MS);
    await eventually(
      'the page to say so',
      SERVED_MS,
      async () => (await installation.api.environment('sample', 'development')).release?.version === good,
    );
    await traffic.stop();
    expect(traffic.failures, 'failed requests, from the first deployment on').toEqual([]);
    expect(traffic.versions).toEqual([first, good, short(sha), good]);
    await expectInvariants(installation, { pushes });
  });

  it('meets no barrier and no error on any page', async () => {
    const [run] = await installation.api.runs('sample');
    const [deployment] = await installation.sql<{ id: string }>('select id from deployments order by id desc limit 1');
    const barriers: string[] = [];
    for (const path of [
      ...['/projects', '/projects/sample', '/projects/sample/branches', '/projects/sample/environments', '/projects/sample/settings'],
      ...['/projects/sample/hello/runs/2', ENVIRONMENT, `/jobs/${run?.jobs[0]?.id}`, `/deployments/${deployment?.id}`],
      ...['/environments', '/activity', '/agents', '/account', '/not-there'],
    ]) {
      await newcomer.go(path);
      await newcomer.page.getByRole('heading', { level: 1 }).waitFor();
      barriers.push(...(await newcomer.barriers()));
    }
    expect(barriers).toEqual([]);
    expect(newcomer.errors, 'errors in the console').toEqual([]);
  });

  it('stops it with Ctrl-C, nothing is left, and the next start brings everything back', async () => {
    await installation.stop();
    expect(await installation.leftBehind()).toEqual([]);
    await installation.start();
    const answer = await eventually('the application to answer again', SERVED_MS, async () => {
      const response = await fetch(address);
      return response.ok && response.text();
    });
    expect(versionOf(answer)).toBe(good);
  });
});
