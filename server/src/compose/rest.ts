import type { FastifyPluginAsync } from 'fastify';
import { readPipelineAt } from '../build/pipelines/read-pipeline.js';
import { triggerTests } from '../build/runs/trigger-tests.js';
import { deployBranch } from '../deliver/deployments/deploy-branch.js';
import { DeploymentQueries } from '../deliver/deployments/deployment.queries.js';
import { createEnvironment } from '../deliver/environments/create-environment.js';
import { deleteEnvironment } from '../deliver/environments/delete-environment.js';
import { EnvironmentQueries } from '../deliver/environments/environment.queries.js';
import type { Access } from '../people/access/access.js';
import type { Database } from '../platform/database.js';
import { findRepositoryWith } from '../rest/find-repository.js';
import { type RestRoutesDeps, restRoutes } from '../rest/rest.routes.js';
import { restCalls } from '../rest/rest-calls.js';
import { pipelineForBranchWith } from '../source/repositories/branch-pipeline.js';
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
