import { screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { openPage } from '../../testing/open-page.tsx';

const SLOW = { timeout: 8000 };

type Fares = { health: string | null; healthMessage?: string | null; agent?: object; instances?: object[]; problems?: object[] };

/** The environment's page while it fares so. */
async function openWith({ agent, ...fares }: Fares) {
  const page = await openPage('/projects/sample/environments/development', ({ resolvers }) => {
    const environment = resolvers.data.projects[0]?.environments[0];
    Object.assign(environment, fares);
    if (agent) environment.agent = { ...environment.agent, ...agent };
  });
  return { ...page, status: await screen.findByRole('region', { name: 'Status' }, SLOW) };
}

describe('the page of an environment', () => {
  it('says since when healthy releases serve', async () => {
    const { status } = await openWith({ health: 'HEALTHY' });
    expect(within(status).getByText('Healthy')).toBeTruthy();
    expect(status.textContent).toMatch(/Serving \w+ since/);
  });

  it('never says healthy of what nobody sees: the agent is gone, and so is what is known of its instances', async () => {
    const { status } = await openWith({
      health: 'UNKNOWN',
      healthMessage: 'The agent harbour is not connected, so nobody knows how it is doing.',
      agent: { connected: false, lastSeenAt: new Date(Date.now() - 600_000).toISOString() },
    });
    expect(within(status).getByText('Unknown')).toBeTruthy();
    expect(within(status).getByText(/^The agent harbour is not connected/)).toBeTruthy();
    expect(screen.getByText(/last seen/).textContent).toMatch(/10m ago/);
    const instances = screen.getByRole('heading', { name: 'Instances' }).closest('section') as HTMLElement;
    expect(within(instances).getAllByText('Unknown').length).toBeGreaterThan(0);
    expect(within(instances).queryByText('Healthy')).toBeNull();
    expect(within(instances).getAllByTitle(/when last seen/).length).toBeGreaterThan(0);
  });

  it('never says that one serves which should, and does not', async () => {
    const { status } = await openWith({ health: 'UNHEALTHY', healthMessage: 'It should serve, but does not answer as it should.' });
    expect(within(status).getByText('It should serve, but does not answer as it should.')).toBeTruthy();
    expect(screen.getByRole('heading', { name: 'Should be serving' })).toBeTruthy();
    expect(screen.queryByText(/Serving now|has been deployed here yet/)).toBeNull();
  });

  it('tells one that answers but keeps ending from a healthy one, with how often', async () => {
    const { status } = await openWith({
      health: 'UNSTABLE',
      healthMessage: 'Restarted 4 times in the last hour',
      instances: [instance({ restarts: 6, recentRestarts: 4 })],
    });
    expect(within(status).getByText('Unstable')).toBeTruthy();
    expect(within(status).queryByText('Healthy')).toBeNull();
    expect(within(status).getByText(/^Restarted 4 times/)).toBeTruthy();
    expect(screen.getByText(/restarted 4 times in the last hour/, { selector: '[data-wide]' })).toBeTruthy();
  });

  it('tells what gets the traffic from what stands by', async () => {
    await openWith({
      health: 'HEALTHY',
      instances: [
        instance({ id: 'warm', serving: false }),
        instance({ id: 'live' }),
        instance({ id: 'new', serving: false, state: 'STARTING' }),
      ],
    });
    expect(screen.getAllByTitle('Serves the traffic').map((tag) => tag.textContent)).toEqual(['Live']);
    expect(screen.getAllByTitle(/^Kept running without traffic/).map((tag) => tag.textContent)).toEqual(['Standby']);
  });

  it('says of an unhealthy one what is wrong', async () => {
    const { status } = await openWith({ health: 'UNHEALTHY', healthMessage: 'GET /healthz answered 500.' });
    expect(within(status).getByText('Unhealthy')).toBeTruthy();
    expect(within(status).getByText('GET /healthz answered 500.')).toBeTruthy();
  });
});

describe('what could not be done outside a deployment', () => {
  const problem = 'live did not become healthy with the present limits. Its last output:\nout of memory';

  it('is told in a sentence beside the health, and in full where the instances are', async () => {
    const { status } = await openWith({
      health: 'DEGRADED',
      healthMessage: 'live did not become healthy with the present limits.',
      problems: [{ code: 'release_unhealthy', message: problem }],
      instances: [instance({ earlierLimits: { cpuCores: 1, memoryMib: 256, storageMib: null } })],
    });
    expect(within(status).getByText('Degraded')).toBeTruthy();
    expect(within(status).getByText('live did not become healthy with the present limits.')).toBeTruthy();
    expect(screen.getByText((_, element) => element?.textContent === problem && element.tagName === 'P')).toBeTruthy();
    expect(screen.getByText(/runs with its earlier limits \(1 core, 256 MiB of memory\)/, { selector: '[data-wide]' })).toBeTruthy();
    expect(screen.getByText(/one instance still runs with the earlier limits/)).toBeTruthy();
  });
});

describe('the variables of an environment', () => {
  it('say when a change holds, and one that was removed can be put back', async () => {
    const { user, server } = await openPage('/projects/sample/environments/development');
    await user.click(await screen.findByRole('button', { name: 'Remove LOG_LEVEL' }, SLOW));
    expect(await screen.findByText(/^LOG_LEVEL is removed\. What runs now keeps/, {}, SLOW)).toBeTruthy();
    expect(screen.getAllByText(/with the next\s+deployment/).length).toBeGreaterThan(0);
    await user.click(screen.getByRole('button', { name: 'Undo' }));
    expect(await screen.findByText(/^LOG_LEVEL is set\./, {}, SLOW)).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Remove LOG_LEVEL' })).toBeTruthy();
    expect(server.resolvers.data.projects[0]?.environments[0].variables).toMatchObject([{ name: 'LOG_LEVEL', value: 'debug' }]);
  });
});

function instance(more: object) {
  return {
    id: 'i1',
    release: null,
    state: 'HEALTHY',
    port: 25001,
    pid: 4711,
    startedAt: new Date().toISOString(),
    restarts: 0,
    recentRestarts: 0,
    serving: true,
    message: null,
    earlierLimits: null,
    ...more,
  };
}
