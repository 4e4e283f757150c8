import { shorten } from '@slipway/protocol';
import { z } from 'zod';
import type { Database } from '../platform/database.js';
import type { CreateBranch } from '../source/branches/ports.js';
import { isBadUrl, parseRepositoryUrl } from '../source/repositories/repository-url.js';
import { type Call, defineCall } from './call.js';
import { branchName, message, projectChoice, repoUrl, text } from './fields.js';
import type { FindRepository, FoundRepository } from './find-repository.js';
import { AMBIGUOUS, NO_REPOSITORY } from './refusals.js';

export type RepositoryCallsDeps = { database: Database; findRepository: FindRepository; createBranch: CreateBranch };

export const repositoryCalls = (deps: RepositoryCallsDeps): Call[] => [details(deps), branch(deps)];

const details = ({ database, findRepository }: RepositoryCallsDeps) =>
  defineCall({
    method: 'GET',
    path: '/repo/details',
    group: 'Repositories',
    summary: 'Look at a repository',
    description: 'Returns its name, owner and branches.',
    permission: 'project.read',
    status: 200,
    input: z.strictObject({ repo_url: repoUrl, project_id: projectChoice }),
    answer: z.strictObject({
      repo_name: z.string().meta({ description: 'Its name in Slipway.', examples: ['web'] }),
      owner: z.string().meta({
        description:
          'Owner of the repository: for a hosted one the owner of its project; for an external one the owner at its code host, which is the path of its address without the last part.',
        examples: ['Ada Lovelace'],
      }),
      branches: z.array(z.string()).meta({ description: 'Names of all its branches, in byte order.', examples: [['main']] }),
    }),
    refusals: [NO_REPOSITORY, AMBIGUOUS],
    run: async ({ repo_url, project_id }, caller) => {
      const repository = await findRepository({ url: repo_url, projectId: project_id }, 'project.read', caller);
      return { repo_name: repository.name, owner: ownerOf(repository), branches: await branchesOf(database, repository.id) };
    },
  });

const branch = ({ findRepository, createBranch }: RepositoryCallsDeps) =>
  defineCall({
    method: 'POST',
    path: '/repo/branch',
    group: 'Repositories',
    summary: 'Make a branch',
    description: 'Makes a branch. As with a push, a run starts if the pipeline says so.',
    permission: 'repository.push',
    status: 201,
    input: z.strictObject({
      repo_url: repoUrl,
      branch_name: branchName.meta({ description: 'Name of the new branch.', examples: ['release/1.4'] }),
      from: text({
        expected: 'the name of a branch or tag, or the id of a commit',
        description: 'Where it begins: a branch, a tag or a commit. Left out: the default branch.',
        example: 'main',
      }).optional(),
      project_id: projectChoice,
    }),
    answer: z.strictObject({ message, branch_name: z.string().meta({ description: 'Its name.', examples: ['release/1.4'] }) }),
    refusals: [
      NO_REPOSITORY,
      AMBIGUOUS,
      { status: 404, code: 'revision_not_found', why: 'There is no branch, tag or commit with the name in "from".' },
      { status: 409, code: 'branch_exists', why: 'There is already a branch of that name.' },
    ],
    run: async ({ repo_url, branch_name, from, project_id }, caller) => {
      const repository = await findRepository({ url: repo_url, projectId: project_id }, 'repository.push', caller);
      const made = await createBranch(repository.id, { name: branch_name, from: from ?? null }, caller.actor.userId);
      return { message: `Branch "${made.name}" was made at ${shorten(made.sha, 7)}.`, branch_name: made.name };
    },
  });

/** An address without an owner in its path, like ssh://git@host/web.git, leaves the project's. */
function ownerOf({ url, owner }: FoundRepository): string {
  const parsed = url === null ? null : parseRepositoryUrl(url);
  const path = parsed && !isBadUrl(parsed) ? parsed.path.split('/').slice(0, -1).join('/') : '';
  return path === '' ? owner : path;
}

async function branchesOf(database: Database, repositoryId: string): Promise<string[]> {
  const rows = await database.query<{ name: string }>('select name from branches where repository_id = $1 order by name collate "C"', [
    repositoryId,
  ]);
  return rows.map((row) => row.name);
}
