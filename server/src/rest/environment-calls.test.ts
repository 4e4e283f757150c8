import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RestServer, serveRest } from './testing/serve-rest.js';

let rest: RestServer;
beforeAll(async () => {
  rest = await serveRest();
});
beforeEach(() => rest.reset());
afterAll(() => rest.close());

const create = (fields: Record<string, unknown> = {}, token?: string) =>
  rest.post('/environments', { project_id: rest.known.project, env_name: 'staging', ...fields }, token === undefined ? {} : { token });

describe('POST environments', () => {
  it('makes an environment with its limits, in a project by name or by id', async () => {
    const answer = await create({ config: { cpu: 1.5, memory: 0.5, storage: 20 } });
    expect(answer).toMatchObject({ status: 201, body: { message: 'Environment "staging" was made.' } });
    const rows = 'select cpu_cores, memory_mib, storage_mib from environments where id = $1';
    expect(await rest.database.query(rows, [answer.body.env_id])).toEqual([{ cpu_cores: 1.5, memory_mib: 512, storage_mib: 20_480 }]);
    expect(await create({ project_id: rest.world.at.projectId, env_name: 'qa', config: { cpu: 2 } })).toMatchObject({ status: 201 });
    expect(await create({ env_name: 'unlimited' })).toMatchObject({ status: 201 });
  });

  it.each([
    [{ project_id: 5 }, '"project_id" is 5. It must be the id or the name of a project.'],
    [{ env_name: false }, '"env_name" is false. It must be 1 to 63 lower-case letters'],
    [{ config: 'small' }, '"config" is "small". It must be an object with the numbers cpu, memory and storage.'],
    [{ config: { cpu: '2' } }, '"config.cpu" is "2". It must be a number of cores, 0.05 to 256'],
    [{ config: { cpu: 0 } }, '"config.cpu" is 0.'],
    [{ config: { memory: 5_000 } }, '"config.memory" is 5000. It must be a number of GiB, 0.03125 to 1024'],
    [{ config: { memory: null } }, '"config.memory" is null.'],
    [{ config: { storage: -1 } }, '"config.storage" is -1. It must be a number of GiB, 0.0625 to 16384'],
    [{ config: { gpu: 1 } }, '"config.gpu" is not a field of POST /api/v1/environments. The fields of "config" are cpu, memory, storage.'],
  ])('refuses %j', async (fields, message) => {
    const answer = await create(fields);
    expect(answer).toMatchObject({ status: 400, code: 'bad_input' });
    expect(answer.message).toContain(message);
  });

  it('refuses names that are taken or can be none, and unknown projects', async () => {
    await create();
    expect(await create()).toMatchObject({ status: 409, code: 'environment_exists' });
    expect(await create({ env_name: 'Big Name' })).toMatchObject({ status: 400, code: 'bad_environment_name' });
    expect(await create({ project_id: 'nowhere' })).toMatchObject({ status: 404, code: 'project_not_found' });
  });

  it('needs an admin of the project', async () => {
    expect(await create({}, await rest.tokenFor('deployer'))).toMatchObject({ status: 403, code: 'forbidden' });
    expect(await create({}, await rest.tokenFor(null))).toMatchObject({ status: 404, code: 'project_not_found' });
  });
});

describe('DELETE environments', () => {
  it.each(['query', 'body'] as const)('deletes an environment named in the %s, which is then not found', async (where) => {
    const { env_id } = (await create()).body as { env_id: string };
    const gone = await rest.call('/environments', 'DELETE', { [where]: { env_id } });
    expect(gone).toMatchObject({ status: 200, body: { message: 'Environment "staging" was deleted.' } });
    expect(await rest.call('/environments', 'DELETE', { [where]: { env_id } })).toMatchObject({
      status: 404,
      code: 'environment_not_found',
    });
  });

  it('takes as long as its agent does', async () => {
    await rest.world.anAgent();
    const { env_id } = (await create()).body as { env_id: string };
    const first = await rest.call('/environments', 'DELETE', { body: { env_id } });
    expect(first.body.message).toBe('Environment "staging" is being deleted: its agent stops what runs there.');
    expect(await rest.call('/environments', 'DELETE', { body: { env_id } })).toMatchObject({ status: 200 });
    expect(await create()).toMatchObject({ status: 409, code: 'environment_deleting' });
  });

  it('needs an admin of the project, and the id of something that is there', async () => {
    const { env_id } = (await create()).body as { env_id: string };
    const remove = (token: string) => rest.call('/environments', 'DELETE', { query: { env_id }, token });
    expect(await remove(await rest.tokenFor('developer'))).toMatchObject({ status: 403, code: 'forbidden' });
    expect(await remove(await rest.tokenFor(null))).toMatchObject({ status: 404, code: 'environment_not_found' });
    expect(await rest.call('/environments', 'DELETE', { query: { env_id: 'staging' } })).toMatchObject({ status: 404 });
    expect(await rest.call('/environments', 'DELETE', { body: { env_id: 3 } })).toMatchObject({ status: 400, code: 'bad_input' });
  });
});
