import type { FastifyPluginAsync } from 'fastify';
import type { Access } from '../features/access/access.js';
import { deployBranch } from '../features/deployments/deploy-branch.js';
import { DeploymentQueries } from '../features/deployments/deployment.queries.js';
import { createEnvironment } from '../features/environments/create-environment.js';
import { deleteEnvironment } from '../features/environments/delete-environment.js';
import { EnvironmentQueries } from '../features/environments/environment.queries.js';
import { readPipelineAt } from '../features/pipelines/read-pipeline.js';
import { pipelineForBranchWith } from '../features/repositories/branch-pipeline.js';
import { findRepositoryWith } from '../features/rest/find-repository.js';
import { type RestRoutesDeps, restRoutes } from '../features/rest/rest.routes.js';
import { restCalls } from '../features/rest/rest-calls.js';
import { triggerTests } from '../features/runs/trigger-tests.js';
import type { Database } from '../platform/database.js';
import type { Features } from './features.js';

export type RestDeps = {
  database: Database;
  access: Access;
  features: Pick<Features, 'startRun' | 'store' | 'branches' | 'runs' | 'jobs' | 'ports'>;
} & Omit<RestRoutesDeps, 'calls'>;

/** REST v1 on the same use cases as GraphQL. */
export function composeRest({ database, access, features, byToken, publicUrl }: RestDeps): FastifyPluginAsync {
  const { startRun, store, branches, runs, jobs, ports } = features;
  const trigger = { database, startRun, pipelineForBranch: pipelineForBranchWith({ db: database, store, readPipeline: readPipelineAt }) };
  const calls = restCalls({
    database,
    access,
    findRepository: findRepositoryWith({ database, access, publicUrl }),
    createBranch: branches.createBranch,
    runs,
    jobs,
    triggerTests: (repositoryId, branch, type, userId) => triggerTests(trigger, repositoryId, branch, type, userId),
    environments: new EnvironmentQueries(database),
    createEnvironment: (project, name, limits, userId) => createEnvironment({ database, ports }, project, name, limits, userId),
    deleteEnvironment: (id, userId) => deleteEnvironment(database, id, userId),
    reads: { deployments: new DeploymentQueries(database), jobs },
    deployBranch: (what, userId) => deployBranch(trigger, what, userId),
  });
  return restRoutes({ calls, byToken, publicUrl });
}
