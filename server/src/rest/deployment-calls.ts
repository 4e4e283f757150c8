import { shorten } from '@slipway/protocol';
import { z } from 'zod';
import type { BranchDeployment, BranchToDeploy } from '../deliver/deployments/deploy-branch.js';
import type { Access } from '../people/access/access.js';
import { notFound } from '../platform/errors.js';
import { type Call, defineCall } from './call.js';
import { DEPLOYMENT_STATUSES, type DeploymentReads, deploymentStatus, findDeployment } from './deployment-status.js';
import { branchName, idOf, message, projectChoice, repoUrl } from './fields.js';
import type { FindRepository } from './find-repository.js';
import { AMBIGUOUS, authoriseAs, MANUAL_NOT_ALLOWED, NO_BRANCH, NO_ENVIRONMENT, NO_REPOSITORY, PIPELINE_INVALID } from './refusals.js';

export type DeploymentCallsDeps = {
  access: Access;
  findRepository: FindRepository;
  reads: DeploymentReads;
  deployBranch(what: BranchToDeploy, userId: string): Promise<BranchDeployment>;
};

export const deploymentCalls = (deps: DeploymentCallsDeps): Call[] => [deploy(deps), status(deps)];

const deploymentId = idOf('a deployment', 'Id of the deployment. Both the id of its deploy job and its id in GraphQL work.');

const deploy = ({ access, findRepository, deployBranch }: DeploymentCallsDeps) =>
  defineCall({
    method: 'POST',
    path: '/deployments',
    group: 'Deployments',
    summary: 'Deploy a branch',
    description:
      "Deploys the head of a branch to an environment of the same project. If the head has a release, the newest one goes there at once; otherwise a run first builds one, with the jobs that the pipeline's deploy job needs. The pipeline's deploy job for that environment says how to deploy; if there is none, its first deploy job does.",
    permission: 'deployment.create',
    status: 201,
    input: z.strictObject({
      repo_url: repoUrl,
      branch_name: branchName,
      env_id: idOf('an environment', 'Id of the environment, in the same project as the repository.'),
      project_id: projectChoice,
    }),
    answer: z.strictObject({ message, deployment_id: deploymentId }),
    refusals: [
      NO_REPOSITORY,
      NO_BRANCH,
      NO_ENVIRONMENT,
      AMBIGUOUS,
      { status: 409, code: 'nothing_to_deploy', why: 'The pipeline does not say how to deploy its application.' },
      { status: 409, code: 'environment_deleting', why: 'The environment is being deleted.' },
      { status: 409, code: 'other_repository', why: "Another repository's release serves in the environment." },
      MANUAL_NOT_ALLOWED,
      PIPELINE_INVALID,
    ],
    run: async ({ repo_url, branch_name, env_id, project_id }, caller) => {
      const { id } = await findRepository({ url: repo_url, projectId: project_id }, 'deployment.create', caller);
      await access.authorise(caller.actor, 'deployment.create', [
        { thing: 'repository', id },
        { thing: 'environment', id: env_id },
      ]);
      const made = await deployBranch({ repositoryId: id, branch: branch_name, environmentId: env_id }, caller.actor.userId);
      return { message: sayMade(made), deployment_id: made.jobId };
    },
  });

function sayMade({ environment, commitSha, releaseNumber }: BranchDeployment): string {
  const commit = shorten(commitSha, 7);
  return releaseNumber === null
    ? `Commit ${commit} is built, then deployed to "${environment}".`
    : `Release #${releaseNumber} (commit ${commit}) is on its way to "${environment}".`;
}

const status = ({ access, reads }: DeploymentCallsDeps) =>
  defineCall({
    method: 'GET',
    path: '/deployments/status',
    group: 'Deployments',
    summary: 'Look at a deployment',
    description: 'Where a deployment stands. You can ask as soon as you have requested the deployment.',
    permission: 'project.read',
    status: 200,
    input: z.strictObject({ deployment_id: deploymentId }),
    answer: z.strictObject({
      deployment_id: deploymentId,
      status: z.enum(DEPLOYMENT_STATUSES).meta({
        description:
          'completed, failed, rolled-back (the release was unhealthy, and the one before serves again) and cancelled are final. waiting: the environment is busy or has no agent.',
        examples: ['in-progress'],
      }),
      details: z
        .string()
        .meta({ description: 'The status in words, for people.', examples: ['Deployment is 60% complete: 3f2a1bc serves.'] }),
    }),
    refusals: [{ status: 404, code: 'deployment_not_found', why: 'There is no such deployment that you may see.' }],
    run: async ({ deployment_id }, caller) => {
      const found = await findDeployment(reads, deployment_id);
      if (!found) throw notFound('deployment', deployment_id);
      await authoriseAs(access, caller, 'project.read', found.target, 'deployment');
      return { deployment_id, ...(await deploymentStatus(reads, found)) };
    },
  });
