import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aWorld } from '../deployments/testing/world.js';
import { createEnvironment } from './create-environment.js';
import { deleteEnvironment } from './delete-environment.js';
import type { Limits } from './environment.js';
import { updateEnvironment } from './update-environment.js';

let world: Awaited<ReturnType<typeof aWorld>>;
let project: string;

beforeAll(async () => {
  world = await aWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.reset();
  const [row] = await world.database.query<{ name: string }>('select name from projects where id = $1', [world.at.projectId]);
  project = row?.name ?? '';
});

const create = (name: string, limits: Partial<Limits> = {}) => createEnvironment(world, project, name, limits, world.at.userId);

describe('a new environment', () => {
  it('goes to the deploy agent with the fewest, each with a port of its own, also when many are made at once', async () => {
    const agents = [await world.anAgent(), await world.anAgent()];
    await Promise.all(['a', 'b', 'c', 'd'].map((name) => create(name)));
    const places = await world.database.query<{ agent_id: string; port: number }>(
      'select agent_id, port from environments order by agent_id, port',
    );
    expect(places).toEqual(
      [...agents.map((agent) => agent.agentId)].sort().flatMap((agent_id) => [20_000, 20_001].map((port) => ({ agent_id, port }))),
    );
  });

  it('is made without an agent too, and gets its place when one is connected', async () => {
    await create('early');
    expect(await world.environment('early')).toMatchObject({ agent_id: null, port: null });
    const { agentId } = await world.anAgent();
    await world.tick();
    expect(await world.environment('early')).toMatchObject({ agent_id: agentId, port: 20_000 });
  });

  it('is refused with a bad name, limits out of bounds, or a name that is taken', async () => {
    expect(() => create('Staging!')).toThrow(/can't name an environment/);
    expect(() => create('a', { cpuCores: 0 })).toThrow(/0.05 to 256 CPU cores/);
    expect(() => create('a', { memoryMib: 8 })).toThrow(/32 to/);
    await create('a');
    await expect(create('a')).rejects.toThrow(/already has an environment "a"/);
    expect((await Promise.allSettled([create('b'), create('b')])).map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('a change', () => {
  it('of limits is a new generation at once; a limit left out stays, null takes it away, and no change is none', async () => {
    await world.anAgent();
    const id = await create('a', { cpuCores: 1, memoryMib: 512 });
    await updateEnvironment(world.database, id, { limits: { cpuCores: null } }, world.at.userId);
    await updateEnvironment(world.database, id, { limits: { cpuCores: null } }, world.at.userId);
    expect(await world.environment('a')).toMatchObject({ generation: 1, cpu_cores: null, memory_mib: 512 });
    const told = await world.database.query(`select payload from outbox where subject like 'control.%'`);
    expect(told).toEqual([{ payload: { kind: 'apply', environmentId: id, generation: 1 } }]);
  });

  it('of variables that can not be variables is refused', async () => {
    const id = await create('a');
    const update =
      (name: string, value = '') =>
      () =>
        updateEnvironment(world.database, id, { variables: [{ name, value }] }, world.at.userId);
    expect(update('1A')).toThrow(/can't name a variable/);
    expect(update('SLIPWAY_COMMIT')).toThrow(/set by Slipway itself/);
    expect(update('A', '\0')).toThrow(/NUL/);
  });
});

describe('deleting', () => {
  it('goes through the agent: the name and port are free once it says that nothing is left', async () => {
    const target = await world.anAgent();
    await world.push();
    await world.deployNext(target);
    const { id } = await world.environment();
    await deleteEnvironment(world.database, id, world.at.userId);
    await deleteEnvironment(world.database, id, world.at.userId);
    await expect(create('staging')).rejects.toThrow(/being deleted/);
    expect(await world.host.generations(target.agentId)).toHaveLength(1);
    const { desired } = await world.host.desired(target.agentId, id);
    expect(desired).toMatchObject({ deleted: true, releases: [] });
    if (desired) target.apply(desired);
    await target.settle();
    expect(await world.host.generations(target.agentId)).toEqual([]);
    await create('staging');
    expect(await world.environment()).toMatchObject({ state: 'active', port: 20_000 });
  });

  it('is refused while a deployment holds it or waits for it', async () => {
    await world.anAgent();
    await world.push();
    const { id } = await world.environment();
    await expect(deleteEnvironment(world.database, id, world.at.userId)).rejects.toThrow(/is provisioning/);
  });
});
