import { AgentResolver } from '../build/agents/agent.resolver.js';
import { ArtifactResolver, JobArtifactsResolver } from '../build/artifacts/artifact.resolver.js';
import { JobResolver } from '../build/jobs/job.resolver.js';
import { AttemptEdgesResolver, JobEdgesResolver, RunJobsResolver } from '../build/jobs/job-edges.resolver.js';
import { QueueQueries } from '../build/jobs/queue.queries.js';
import { QueueResolver } from '../build/jobs/queue.resolver.js';
import { retryJob } from '../build/jobs/retry-job.js';
import { LogResolver } from '../build/logs/log.resolver.js';
import { readPipelineAt } from '../build/pipelines/read-pipeline.js';
import { cancelRun } from '../build/runs/cancel-run.js';
import { RunResolver } from '../build/runs/run.resolver.js';
import { runAgain } from '../build/runs/run-again.js';
import { ProjectRunsResolver, RunEdgesResolver } from '../build/runs/run-edges.resolver.js';
import { triggerRun } from '../build/runs/trigger-run.js';
import { DeploymentQueries } from '../deliver/deployments/deployment.queries.js';
import { DeploymentResolver } from '../deliver/deployments/deployment.resolver.js';
import {
  DeploymentEdgesResolver,
  EnvironmentDeploymentsResolver,
  JobDeploymentResolver,
  RunDeploymentResolver,
} from '../deliver/deployments/deployment-edges.resolver.js';
import { CommitEnvironmentQueries } from '../deliver/environments/commit-environments.queries.js';
import { CommitEnvironmentResolver, CommitEnvironmentsResolver } from '../deliver/environments/commit-environments.resolver.js';
import { EnvironmentQueries } from '../deliver/environments/environment.queries.js';
import { EnvironmentResolver } from '../deliver/environments/environment.resolver.js';
import {
  EnvironmentEdgesResolver,
  InstanceResolver,
  ProjectEnvironmentsResolver,
} from '../deliver/environments/environment-edges.resolver.js';
import { ReleaseQueries } from '../deliver/releases/release.queries.js';
import { ReleaseResolver } from '../deliver/releases/release.resolver.js';
import { SecretQueries } from '../deliver/secrets/secret.queries.js';
import { EnvironmentSecretsResolver, ProjectSecretsResolver, SecretResolver } from '../deliver/secrets/secret.resolver.js';
import { DeadLetterQueries } from '../observe/dead-letters/dead-letter.queries.js';
import { DeadLetterResolver } from '../observe/dead-letters/dead-letter.resolver.js';
import { discardDeadLetter, retryDeadLetter } from '../observe/dead-letters/retry-dead-letter.js';
import type { Access } from '../people/access/access.js';
import { AccountResolver } from '../people/access/account.resolver.js';
import { PasswordGuesses } from '../people/access/password-guesses.js';
import { SignIn } from '../people/access/sign-in.js';
import { ProjectResolver } from '../people/projects/project.resolver.js';
import { ProjectActivityFeed } from '../people/projects/project-activity.js';
import type { Database } from '../platform/database.js';
import type { Logger } from '../platform/log.js';
import { StatusReportQueries } from '../source/commit-statuses/status-report.queries.js';
import { RunStatusReportResolver } from '../source/commit-statuses/status-report.resolver.js';
import { MirrorQueries } from '../source/mirrors/mirror.queries.js';
import { MirrorResolver, RepositoryHostResolver, WebhookAddressResolver } from '../source/mirrors/mirror.resolver.js';
import { PullRequestQueries } from '../source/pull-requests/pull-request.queries.js';
import { PullRequestResolver } from '../source/pull-requests/pull-request.resolver.js';
import { RepositoryPullRequestsResolver, RunPullRequestResolver } from '../source/pull-requests/pull-request-edges.resolver.js';
import { pipelineForBranchWith } from '../source/repositories/branch-pipeline.js';
import { CommitQueries } from '../source/repositories/commits/commit.queries.js';
import { CommitResolver, RepositoryCommitsResolver } from '../source/repositories/commits/commit.resolver.js';
import { CommitHistory } from '../source/repositories/commits/commit-history.js';
import { commitsBetweenWith } from '../source/repositories/commits/commits-between.js';
import { createRepositoryWith } from '../source/repositories/create-repository.js';
import { PushQueries } from '../source/repositories/pushes/push.queries.js';
import { PushResolver, RepositoryPushesResolver } from '../source/repositories/pushes/push.resolver.js';
import { RepositoryResolver } from '../source/repositories/repository.resolver.js';
import { ProjectRepositoriesResolver, RunSourceResolver } from '../source/repositories/repository-edges.resolver.js';
import { RepositoryLiveResolver } from '../source/repositories/repository-live.resolver.js';
import { DeliveryQueries } from '../source/webhooks/delivery.queries.js';
import { WebhookDeliveryResolver } from '../source/webhooks/delivery.resolver.js';
import { redeliver } from '../source/webhooks/redeliver.js';
import { branchResolvers } from './branches.js';
import { deadLetterRetries } from './dead-letters.js';
import type { Features } from './features.js';

export type ResolverDeps = { database: Database; access: Access; features: Features; log: Logger };

/** One instance of every class in resolver-classes.ts. */
export function composeResolvers({ database, access, features, log }: ResolverDeps): object[] {
  const { live, projects, repositories, runs, jobs, agents, users, gate, startRun, secrets, store, ports } = features;
  const environments = new EnvironmentQueries(database);
  const releases = new ReleaseQueries(database);
  const deployments = new DeploymentQueries(database);
  const secretNames = new SecretQueries(database);
  const pullRequests = new PullRequestQueries(database);
  const deadLetters = { database, retries: deadLetterRetries(database, features), log: features.log };
  const guesses = new PasswordGuesses(log);
  const inRuns = { database, gate };
  const trigger = { database, startRun, pipelineForBranch: pipelineForBranchWith({ db: database, store, readPipeline: readPipelineAt }) };
  return [
    new AccountResolver(database, users, new SignIn(database, guesses), guesses, features.sessionCookie),
    new AgentResolver({ database, queries: agents, live }),
    new ArtifactResolver(),
    new JobArtifactsResolver(features.artifacts),
    new DeadLetterResolver({
      queries: new DeadLetterQueries(database),
      retry: (id, userId) => retryDeadLetter(deadLetters, id, userId),
      discard: (id, userId) => discardDeadLetter(deadLetters, id, userId),
    }),
    new DeploymentResolver({
      database,
      queries: deployments,
      live,
      gate,
      startRun,
      secrets,
      repositories,
      commitsBetween: commitsBetweenWith(store),
    }),
    new DeploymentEdgesResolver({ environments, releases, jobs, runs, users }),
    new EnvironmentDeploymentsResolver(deployments, releases),
    new JobDeploymentResolver(deployments, environments),
    new RunDeploymentResolver(deployments),
    new EnvironmentResolver({ database, queries: environments, live, ports }),
    new EnvironmentEdgesResolver(projects, releases, agents, repositories),
    new InstanceResolver(releases),
    new ProjectEnvironmentsResolver(environments),
    new JobResolver({ queries: jobs, retryJob: (id, userId) => retryJob(inRuns, id, userId) }),
    new QueueResolver(new QueueQueries(database)),
    new JobEdgesResolver({ jobs, runs, agents }),
    new AttemptEdgesResolver(agents),
    new RunJobsResolver(jobs),
    new LogResolver(features.logs),
    new MirrorResolver(repositories, features.mirrors.connect),
    new RepositoryHostResolver(new MirrorQueries(database)),
    new WebhookAddressResolver({
      mayManage: (actor, id) => access.may(actor, 'repository.manage', [{ thing: 'repository', id }]),
      webhookSecret: (id) => features.mirrors.ports.webhookSecret(id),
    }),
    new ProjectResolver(database, projects, access, new ProjectActivityFeed(live, projects, access)),
    new ReleaseResolver({ queries: releases, runs, repositories }),
    new RepositoryResolver(repositories, createRepositoryWith({ db: database, store })),
    new RepositoryLiveResolver(repositories, live),
    new ProjectRepositoriesResolver(repositories),
    ...branchResolvers({ database, branches: features.branches, repositories, runs }),
    new RunSourceResolver(repositories),
    new RepositoryPushesResolver(new PushQueries(database)),
    new PushResolver(runs, users, repositories),
    new RepositoryCommitsResolver(new CommitHistory(database, store)),
    new CommitResolver(new CommitQueries(database), runs),
    new CommitEnvironmentsResolver(new CommitEnvironmentQueries(database)),
    new CommitEnvironmentResolver(environments),
    new RunResolver({
      queries: runs,
      live,
      cancelRun: (id, userId) => cancelRun(inRuns, id, userId),
      triggerRun: (repositoryId, branch, userId) => triggerRun(trigger, repositoryId, branch, userId),
      runAgain: (id, userId) => runAgain({ database, startRun }, id, userId),
    }),
    new PullRequestResolver({ queries: pullRequests, runs, users, approvePullRequest: features.pullRequests.approve }),
    new RepositoryPullRequestsResolver(pullRequests),
    new RunPullRequestResolver(pullRequests),
    new RunStatusReportResolver(new StatusReportQueries(database)),
    new ProjectRunsResolver(runs),
    new RunEdgesResolver(projects, users, runs),
    new EnvironmentSecretsResolver(secretNames),
    new ProjectSecretsResolver(secretNames),
    new SecretResolver(secrets, projects),
    new WebhookDeliveryResolver({
      queries: new DeliveryQueries(database),
      redeliver: (id, userId) => redeliver(database, id, userId),
    }),
  ];
}
