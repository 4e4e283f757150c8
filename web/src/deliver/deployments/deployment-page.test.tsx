import { screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { FakeServer } from '../../testing/fake-server.ts';
import type { Thing } from '../../testing/fake-things.ts';
import { openPage } from '../../testing/open-page.tsx';

const SLOW = { timeout: 15_000 };
const MESSAGE = 'A branch rule has to let "main" into "development", and none does.';
const RULES = { name: 'Branch rules of hello' };
const RULES_ADDRESS = '/projects/sample/hello/settings#branch-rules';

/** A deployment whose turn came, and which was refused then. */
function refused({ resolvers }: FakeServer, reason: string): Thing {
  const [sample] = resolvers.data.projects;
  return Object.assign(sample?.environments[0].allDeployments[0], { state: 'FAILED', reason, message: MESSAGE });
}

/** Its page is opened by its id, which the fake server gives it. */
async function openRefused(reason: string) {
  const page = await openPage('/sign-in');
  await page.router.navigate(`/deployments/${refused(page.server, reason).id}`);
  await screen.findByText(MESSAGE, {}, SLOW);
  return page;
}

describe('a deployment that was refused', () => {
  it.each(['rule_missing', 'branch_rule'])('leads to the rules of its branch: %s', async (reason) => {
    const { user } = await openRefused(reason);
    const link = screen.getByRole('link', RULES);
    expect(link.getAttribute('href')).toBe(RULES_ADDRESS);
    await user.click(link);
    expect(await screen.findByRole('heading', { name: 'Branch rules' }, SLOW)).toBeTruthy();
  });

  it('leads to no rule when it was something else', async () => {
    await openRefused('overtaken');
    expect(screen.queryByRole('link', RULES)).toBeNull();
  });

  it('says so on the page of its job too, before there is a deployment', async () => {
    const { server, router } = await openPage('/sign-in');
    const run = server.resolvers.data.projects[0]?.allRuns.find((each: Thing) => each.jobs.length > 0);
    const job = Object.assign(run.jobs.at(-1), { state: 'FAILED', reason: 'rule_missing', message: MESSAGE, deployment: null });
    await router.navigate(`/jobs/${job.id}`);
    expect((await screen.findByRole('link', RULES, SLOW)).getAttribute('href')).toBe(RULES_ADDRESS);
  });
});
