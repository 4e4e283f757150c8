import 'reflect-metadata';
import { AccountResolver } from './features/access/account.resolver.js';
import { AgentResolver } from './features/agents/agent.resolver.js';
import { ArtifactResolver, JobArtifactsResolver } from './features/artifacts/artifact.resolver.js';
import { BranchResolver, RepositoryBranchesResolver } from './features/branches/branch.resolver.js';
import { CompareResolver } from './features/branches/comparing/compare.resolver.js';
import { MergeResolver } from './features/branches/merging/merge.resolver.js';
import { BranchRuleResolver } from './features/branches/rules/branch-rule.resolver.js';
import { RunStatusReportResolver } from './features/commit-statuses/status-report.resolver.js';
import { DeadLetterResolver } from './features/dead-letters/dead-letter.resolver.js';
import { DeploymentResolver } from './features/deployments/deployment.resolver.js';
import {
  DeploymentEdgesResolver,
  EnvironmentDeploymentsResolver,
  JobDeploymentResolver,
} from './features/deployments/deployment-edges.resolver.js';
import { EnvironmentResolver } from './features/environments/environment.resolver.js';
import {
  EnvironmentEdgesResolver,
  InstanceResolver,
  ProjectEnvironmentsResolver,
} from './features/environments/environment-edges.resolver.js';
import { JobResolver } from './features/jobs/job.resolver.js';
import { AttemptEdgesResolver, JobEdgesResolver, RunJobsResolver } from './features/jobs/job-edges.resolver.js';
import { LogResolver } from './features/logs/log.resolver.js';
import { MirrorResolver, RepositoryHostResolver, WebhookAddressResolver } from './features/mirrors/mirror.resolver.js';
import { ProjectResolver } from './features/projects/project.resolver.js';
import { PullRequestResolver } from './features/pull-requests/pull-request.resolver.js';
import { RepositoryPullRequestsResolver, RunPullRequestResolver } from './features/pull-requests/pull-request-edges.resolver.js';
import { ReleaseResolver } from './features/releases/release.resolver.js';
import { CommitEnvironmentResolver, CommitResolver, RepositoryCommitsResolver } from './features/repositories/commits/commit.resolver.js';
import { PushResolver, RepositoryPushesResolver } from './features/repositories/pushes/push.resolver.js';
import { RepositoryResolver } from './features/repositories/repository.resolver.js';
import { ProjectRepositoriesResolver, RunSourceResolver } from './features/repositories/repository-edges.resolver.js';
import { RepositoryLiveResolver } from './features/repositories/repository-live.resolver.js';
import { RunResolver } from './features/runs/run.resolver.js';
import { ProjectRunsResolver, RunEdgesResolver } from './features/runs/run-edges.resolver.js';
import { EnvironmentSecretsResolver, ProjectSecretsResolver, SecretResolver } from './features/secrets/secret.resolver.js';
import { WebhookDeliveryResolver } from './features/webhooks/delivery.resolver.js';
import type { ResolverClass } from './platform/http/context.js';

/** Every class of the GraphQL schema. buildGraph refuses to serve with one of them missing, or with another. */
export const RESOLVER_CLASSES: readonly ResolverClass[] = [
  AccountResolver,
  AgentResolver,
  ArtifactResolver,
  AttemptEdgesResolver,
  BranchResolver,
  BranchRuleResolver,
  CommitEnvironmentResolver,
  CommitResolver,
  CompareResolver,
  DeploymentEdgesResolver,
  DeadLetterResolver,
  DeploymentResolver,
  EnvironmentDeploymentsResolver,
  EnvironmentEdgesResolver,
  EnvironmentResolver,
  EnvironmentSecretsResolver,
  InstanceResolver,
  JobArtifactsResolver,
  JobDeploymentResolver,
  JobEdgesResolver,
  JobResolver,
  LogResolver,
  MergeResolver,
  MirrorResolver,
  ProjectEnvironmentsResolver,
  ProjectRepositoriesResolver,
  ProjectResolver,
  ProjectRunsResolver,
  ProjectSecretsResolver,
  PullRequestResolver,
  PushResolver,
  ReleaseResolver,
  RepositoryBranchesResolver,
  RepositoryCommitsResolver,
  RepositoryHostResolver,
  RepositoryLiveResolver,
  RepositoryPullRequestsResolver,
  RepositoryPushesResolver,
  RepositoryResolver,
  RunEdgesResolver,
  RunJobsResolver,
  RunPullRequestResolver,
  RunResolver,
  RunSourceResolver,
  RunStatusReportResolver,
  SecretResolver,
  WebhookAddressResolver,
  WebhookDeliveryResolver,
];
