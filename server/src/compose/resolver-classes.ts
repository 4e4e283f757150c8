import 'reflect-metadata';
import { AgentResolver } from '../build/agents/agent.resolver.js';
import { ArtifactResolver, JobArtifactsResolver } from '../build/artifacts/artifact.resolver.js';
import { JobResolver } from '../build/jobs/job.resolver.js';
import { AttemptEdgesResolver, JobEdgesResolver, RunJobsResolver } from '../build/jobs/job-edges.resolver.js';
import { QueueResolver } from '../build/jobs/queue.resolver.js';
import { LogResolver } from '../build/logs/log.resolver.js';
import { RunResolver } from '../build/runs/run.resolver.js';
import { ProjectRunsResolver, RunEdgesResolver } from '../build/runs/run-edges.resolver.js';
import { DeploymentResolver } from '../deliver/deployments/deployment.resolver.js';
import {
  DeploymentEdgesResolver,
  EnvironmentDeploymentsResolver,
  JobDeploymentResolver,
  RunDeploymentResolver,
} from '../deliver/deployments/deployment-edges.resolver.js';
import { CommitEnvironmentResolver, CommitEnvironmentsResolver } from '../deliver/environments/commit-environments.resolver.js';
import { EnvironmentResolver } from '../deliver/environments/environment.resolver.js';
import {
  EnvironmentEdgesResolver,
  InstanceResolver,
  ProjectEnvironmentsResolver,
} from '../deliver/environments/environment-edges.resolver.js';
import { ReleaseResolver } from '../deliver/releases/release.resolver.js';
import { EnvironmentSecretsResolver, ProjectSecretsResolver, SecretResolver } from '../deliver/secrets/secret.resolver.js';
import { DeadLetterResolver } from '../observe/dead-letters/dead-letter.resolver.js';
import { AccountResolver } from '../people/access/account.resolver.js';
import { ProjectResolver } from '../people/projects/project.resolver.js';
import type { ResolverClass } from '../platform/http/context.js';
import { BranchResolver, RepositoryBranchesResolver } from '../source/branches/branch.resolver.js';
import { CompareResolver } from '../source/branches/comparing/compare.resolver.js';
import { MergeResolver } from '../source/branches/merging/merge.resolver.js';
import { BranchRuleResolver } from '../source/branches/rules/branch-rule.resolver.js';
import { RunStatusReportResolver } from '../source/commit-statuses/status-report.resolver.js';
import { MirrorResolver, RepositoryHostResolver, WebhookAddressResolver } from '../source/mirrors/mirror.resolver.js';
import { PullRequestResolver } from '../source/pull-requests/pull-request.resolver.js';
import { RepositoryPullRequestsResolver, RunPullRequestResolver } from '../source/pull-requests/pull-request-edges.resolver.js';
import { CommitResolver, RepositoryCommitsResolver } from '../source/repositories/commits/commit.resolver.js';
import { PushResolver, RepositoryPushesResolver } from '../source/repositories/pushes/push.resolver.js';
import { RepositoryResolver } from '../source/repositories/repository.resolver.js';
import { ProjectRepositoriesResolver, RunSourceResolver } from '../source/repositories/repository-edges.resolver.js';
import { RepositoryLiveResolver } from '../source/repositories/repository-live.resolver.js';
import { WebhookDeliveryResolver } from '../source/webhooks/delivery.resolver.js';

/** Every class of the GraphQL schema. buildGraph refuses to serve with one of them missing, or with another. */
export const RESOLVER_CLASSES: readonly ResolverClass[] = [
  AccountResolver,
  AgentResolver,
  ArtifactResolver,
  AttemptEdgesResolver,
  BranchResolver,
  BranchRuleResolver,
  CommitEnvironmentResolver,
  CommitEnvironmentsResolver,
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
  QueueResolver,
  ReleaseResolver,
  RepositoryBranchesResolver,
  RepositoryCommitsResolver,
  RepositoryHostResolver,
  RepositoryLiveResolver,
  RepositoryPullRequestsResolver,
  RepositoryPushesResolver,
  RepositoryResolver,
  RunDeploymentResolver,
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
