import type { Call } from './call.js';
import { type DeploymentCallsDeps, deploymentCalls } from './deployment-calls.js';
import { type EnvironmentCallsDeps, environmentCalls } from './environment-calls.js';
import { type RepositoryCallsDeps, repositoryCalls } from './repository-calls.js';
import { type TestCallsDeps, testCalls } from './test-calls.js';

export type RestCallsDeps = RepositoryCallsDeps & TestCallsDeps & EnvironmentCallsDeps & DeploymentCallsDeps;

/** All of REST v1, in the order of its description. */
export const restCalls = (deps: RestCallsDeps): Call[] => [
  ...repositoryCalls(deps),
  ...testCalls(deps),
  ...environmentCalls(deps),
  ...deploymentCalls(deps),
];
