import { z } from 'zod';
import { ENVIRONMENT_NAME_RULE } from '../build/pipelines/names.js';
import { LIMIT_BOUNDS, type Limits } from '../deliver/environments/environment.js';
import type { EnvironmentQueries } from '../deliver/environments/environment.queries.js';
import type { Access } from '../people/access/access.js';
import { notFound } from '../platform/errors.js';
import { type Call, defineCall } from './call.js';
import { idOf, message, number, text } from './fields.js';
import { NO_ENVIRONMENT } from './refusals.js';

const MIB_PER_GIB = 1024;

export type EnvironmentCallsDeps = {
  access: Access;
  environments: Pick<EnvironmentQueries, 'byId'>;
  createEnvironment(project: string, name: string, limits: Partial<Limits>, userId: string): Promise<string>;
  deleteEnvironment(id: string, userId: string): Promise<void>;
};

export const environmentCalls = (deps: EnvironmentCallsDeps): Call[] => [create(deps), remove(deps)];

const envId = idOf('an environment', 'Id of the environment.');

const gib = (what: string, { least, most }: { least: number; most: number }, example: number) => {
  const bounds = { least: least / MIB_PER_GIB, most: most / MIB_PER_GIB };
  return number(`a number of GiB, ${bounds.least} to ${bounds.most}; left out, there is no limit`, `GiB of ${what}.`, bounds, example);
};
const { least, most } = LIMIT_BOUNDS.cpuCores;
const Config = z.strictObject(
  {
    cpu: number(`a number of cores, ${least} to ${most}; left out, there is no limit`, 'CPU cores.', { least, most }, 2).optional(),
    memory: gib('memory', LIMIT_BOUNDS.memoryMib, 4).optional(),
    storage: gib('storage', LIMIT_BOUNDS.storageMib, 20).optional(),
  },
  { error: 'an object with the numbers cpu, memory and storage' },
);

const create = ({ access, createEnvironment }: EnvironmentCallsDeps) =>
  defineCall({
    method: 'POST',
    path: '/environments',
    group: 'Environments',
    summary: 'Make an environment',
    description: 'Makes an environment on the deploy agent with the most room, or on the first one that connects if there is none.',
    permission: 'environment.manage',
    status: 201,
    input: z.strictObject({
      project_id: text({
        expected: 'the id or the name of a project',
        description: 'Id or name of the project.',
        example: 'shop',
      }),
      env_name: text({
        expected: ENVIRONMENT_NAME_RULE,
        description: 'Name of the environment, unique in its project.',
        example: 'staging',
      }),
      config: Config.optional().meta({ description: 'What each of its instances may use; what is left out has no limit.' }),
    }),
    answer: z.strictObject({ message, env_id: envId }),
    refusals: [
      { status: 404, code: 'project_not_found', why: 'There is no such project that you may see.' },
      { status: 409, code: 'environment_exists', why: 'The project has an environment of that name.' },
      { status: 409, code: 'environment_deleting', why: 'The environment of that name is still being deleted.' },
    ],
    run: async ({ project_id, env_name, config }, { actor }) => {
      await access.authorise(actor, 'environment.manage', [{ thing: 'project', id: project_id }]);
      const id = await createEnvironment(project_id, env_name, limitsOf(config ?? {}), actor.userId);
      return { message: `Environment "${env_name}" was made.`, env_id: id };
    },
  });

const remove = ({ access, environments, deleteEnvironment }: EnvironmentCallsDeps) =>
  defineCall({
    method: 'DELETE',
    path: '/environments',
    group: 'Environments',
    summary: 'Delete an environment',
    description: 'Stops what runs there and frees its port. Safe to repeat.',
    permission: 'environment.manage',
    status: 200,
    input: z.strictObject({ env_id: envId }),
    answer: z.strictObject({ message }),
    refusals: [
      NO_ENVIRONMENT,
      { status: 409, code: 'environment_busy', why: 'A deployment is under way there. Wait for it, or cancel it.' },
    ],
    run: async ({ env_id }, { actor }) => {
      await access.authorise(actor, 'environment.manage', [{ thing: 'environment', id: env_id }]);
      const environment = await environments.byId(env_id);
      if (!environment) throw notFound('environment', env_id);
      await deleteEnvironment(env_id, actor.userId);
      const gone = (await environments.byId(env_id)) === null;
      const how = gone ? 'was deleted' : 'is being deleted: its agent stops what runs there';
      return { message: `Environment "${environment.name}" ${how}.` };
    },
  });

/** Memory and storage are kept in whole MiB. */
function limitsOf({ cpu, memory, storage }: z.output<typeof Config>): Partial<Limits> {
  return {
    ...(cpu === undefined ? {} : { cpuCores: cpu }),
    ...(memory === undefined ? {} : { memoryMib: Math.round(memory * MIB_PER_GIB) }),
    ...(storage === undefined ? {} : { storageMib: Math.round(storage * MIB_PER_GIB) }),
  };
}
