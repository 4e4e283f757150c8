import { EventEmitter } from 'node:events';
import { GraphQLError } from 'graphql';
import { connection, type FakeInstallation, type Thing } from './fake-data.ts';
import { FakeDeadLetters } from './fake-dead-letters.ts';
import { FakeGit } from './fake-git-resolvers.ts';
import { FakeHostResolvers } from './fake-host-resolvers.ts';

const notFound = (what: string) =>
  new GraphQLError(`There is no ${what} that you may see. Check the name.`, { extensions: { code: 'not_found', kind: 'not_found' } });

/** Queries, mutations and subscriptions over the in-memory installation; whatever changes it says so on `changes`. */
export class FakeResolvers {
  readonly changes = new EventEmitter().setMaxListeners(0);
  signedIn = true;
  readonly data: FakeInstallation;
  readonly deadLetters = new FakeDeadLetters();
  private readonly hosts: FakeHostResolvers;

  constructor(data: FakeInstallation) {
    this.data = data;
    Object.assign(this.query, this.deadLetters.query);
    Object.assign(this.mutation, this.deadLetters.mutation);
    const git = new FakeGit(data, () => this.changed());
    Object.assign(this.query, git.query);
    Object.assign(this.mutation, git.mutation);
    this.hosts = new FakeHostResolvers(data, () => this.changed());
    Object.assign(this.query, this.hosts.query);
    Object.assign(this.mutation, this.hosts.mutation);
  }

  changed(): void {
    this.changes.emit('change');
  }

  private runs = () => this.data.projects.flatMap((project) => project.allRuns as Thing[]);
  private jobs = () => this.runs().flatMap((run) => run.jobs as Thing[]);
  private environments = () => this.data.projects.flatMap((project) => project.environments as Thing[]);
  private deployments = () => this.environments().flatMap((environment) => environment.allDeployments as Thing[]);
  private find(things: Thing[], id: string, what: string): Thing {
    const found = things.find((thing) => thing.id === id);
    if (!found) throw notFound(what);
    return found;
  }
  private named(name: string): Thing {
    const found = this.data.projects.find((project) => project.name === name);
    if (!found) throw notFound(`project "${name}"`);
    return found;
  }

  readonly query: Thing = {
    viewer: () => (this.signedIn ? this.data.viewer : null),
    myTokens: () => this.data.tokens,
    projects: (args: Thing) => connection(this.data.projects, args),
    project: ({ name }: Thing) => this.data.projects.find((project) => project.name === name) ?? null,
    run: ({ id }: Thing) => this.runs().find((run) => run.id === id) ?? null,
    runByNumber: ({ project, repository, number }: Thing) =>
      this.named(project).allRuns.find((run: Thing) => run.repository.name === repository && run.number === number) ?? null,
    job: ({ id }: Thing) => this.jobs().find((job) => job.id === id) ?? null,
    jobLog: ({ jobId, attemptId, fromLine, count }: Thing) => this.log(jobId).read(fromLine, count, attemptId ?? null),
    environment: ({ project, name }: Thing) => this.named(project).environments.find((each: Thing) => each.name === name) ?? null,
    deployment: ({ id }: Thing) => this.deployments().find((each) => each.id === id) ?? null,
    deployPreview: () => this.data.previews,
    releases: ({ project }: Thing) => this.named(project).releases,
    agents: () => this.data.agents,
    queue: () => ({ length: this.jobs().filter((job) => job.state === 'QUEUED').length, oldestQueuedAt: null }),
  };

  readonly mutation: Thing = {
    signIn: ({ link, password }: Thing) => {
      if (link !== 'good-link' && password !== 'correct password')
        throw new GraphQLError(
          link
            ? 'This sign-in link was used already: each works once. While Slipway runs, "npm run sign-in-link" in its folder prints a new one; or sign in with your password.'
            : 'E-mail or password is wrong. Try again, or use the link from the terminal.',
        );
      this.signedIn = true;
      return { user: this.data.viewer, sessionKey: 'key' };
    },
    signOut: () => {
      this.signedIn = false;
      return true;
    },
    setPassword: () => Object.assign(this.data.viewer, { hasPassword: true }),
    createToken: ({ name }: Thing) => {
      const token = { id: `t${this.data.tokens.length + 1}`, name, createdAt: new Date().toISOString(), lastUsedAt: null, expiresAt: null };
      this.data.tokens.unshift(token);
      return { token, secret: 'slp_4kJ9sVq2Lx8TzR1mNw7YbHc5DfGa3PeU' };
    },
    revokeToken: ({ id }: Thing) => {
      const at = this.data.tokens.findIndex((token) => token.id === id);
      return at >= 0 && this.data.tokens.splice(at, 1).length === 1;
    },
    createProject: ({ name }: Thing) => {
      if (!/^[a-z0-9-]+$/.test(name))
        throw new GraphQLError(
          `"${name}" can't be the name of a project: a name consists of lower-case letters, digits and hyphens. Try "${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}".`,
        );
      return this.data.project(name);
    },
    createRepository: ({ project, name }: Thing) => this.data.repository(this.named(project), name),
    triggerRun: ({ repositoryId, branch }: Thing) => {
      const project = this.data.projects.find((each) => each.repositories.some((repository: Thing) => repository.id === repositoryId));
      if (!project) throw notFound('repository');
      const repository = this.find(project.repositories, repositoryId, 'repository');
      const run = this.data.run(project, repository, (project.allRuns[0]?.number ?? 0) + 1, 'PENDING', {
        minutesAgo: 0,
        trigger: 'MANUAL',
        triggeredBy: this.data.viewer,
        branch: branch ?? 'main',
      });
      this.data.job(run, 'build', 'BUILD', 'QUEUED', { queuePosition: 1 });
      this.changed();
      return run;
    },
    cancelRun: ({ id }: Thing) => {
      const run = this.find(this.runs(), id, 'run');
      for (const job of run.jobs)
        if (['WAITING', 'QUEUED', 'ASSIGNED', 'RUNNING'].includes(job.state))
          Object.assign(job, { state: 'CANCELLED', finishedAt: new Date().toISOString() });
      Object.assign(run, { state: 'CANCELLED', finishedAt: new Date().toISOString() });
      this.changed();
      return run;
    },
    runAgain: ({ id }: Thing) => {
      const { project, repository, branch, jobs } = this.find(this.runs(), id, 'run');
      const number = Math.max(...project.allRuns.map((run: Thing) => run.number)) + 1;
      const run = this.data.run(project, repository, number, 'PENDING', {
        minutesAgo: 0,
        trigger: 'MANUAL',
        triggeredBy: this.data.viewer,
        branch,
      });
      for (const { name, kind, needs } of jobs) this.data.job(run, name, kind, needs.length > 0 ? 'WAITING' : 'QUEUED', { needs });
      this.changed();
      return run;
    },
    retryJob: ({ id }: Thing) => {
      const old = this.find(this.jobs(), id, 'job');
      const { run } = old;
      const job = this.data.job(run, old.name, old.kind, 'QUEUED', {
        needs: old.needs,
        retryOf: old.id,
        queuePosition: 1,
        position: old.position,
      });
      run.jobs = run.jobs.filter((each: Thing) => each !== old);
      run.retriedJobs.unshift(Object.assign(old, { isCurrent: false }));
      Object.assign(run, { state: 'RUNNING', finishedAt: null });
      this.changed();
      return job;
    },
    createEnvironment: ({ project, name, limits }: Thing) =>
      this.data.environment(this.named(project), name, 20100, {
        limits: { cpuCores: null, memoryMib: null, storageMib: null, state: 'NOT_ENFORCED', ...limits },
      }),
    updateEnvironment: ({ id, limits, variables }: Thing) => {
      const environment = this.find(this.environments(), id, 'environment');
      if (limits) Object.assign(environment.limits, limits);
      if (variables) environment.variables = variables;
      return environment;
    },
    deleteEnvironment: () => true,
    setSecret: ({ name }: Thing) => ({ name, version: 1, createdAt: new Date().toISOString() }),
    deleteSecret: () => true,
    deploy: ({ environmentId, releaseId }: Thing) => this.startDeployment(environmentId, releaseId, 'deploy'),
    rollback: ({ environmentId, toReleaseId }: Thing) => this.startDeployment(environmentId, toReleaseId, 'rollback'),
    cancelDeployment: ({ id }: Thing) => {
      const deployment = Object.assign(this.find(this.deployments(), id, 'deployment'), { state: 'rolling_back' });
      this.changed();
      return deployment;
    },
    drainAgent: ({ id, draining }: Thing) => {
      const agent = Object.assign(this.find(this.data.agents, id, 'agent'), { draining });
      this.changed();
      return agent;
    },
  };

  readonly subscription: Thing = {
    repositoryChanged: ({ id }: Thing) => this.live('repositoryChanged', () => this.hosts.repository(id)),
    runChanged: ({ id }: Thing) => this.live('runChanged', () => this.find(this.runs(), id, 'run')),
    deploymentChanged: ({ id }: Thing) => this.live('deploymentChanged', () => this.find(this.deployments(), id, 'deployment')),
    environmentChanged: ({ id }: Thing) => this.live('environmentChanged', () => this.find(this.environments(), id, 'environment')),
    agentsChanged: () => this.live('agentsChanged', () => this.data.agents),
    projectActivity: ({ project }: Thing) =>
      this.live('projectActivity', () => ({ project: project ? this.named(project) : this.data.projects[0] })),
    jobLog: ({ jobId, attemptId, fromLine }: Thing) => this.tail(jobId, attemptId ?? null, fromLine),
  };

  log(jobId: string) {
    const log = this.data.logs.get(jobId);
    if (!log) throw notFound('log');
    return log;
  }

  private startDeployment(environmentId: string, releaseId: string, kind: string): Thing {
    const environment = this.find(this.environments(), environmentId, 'environment');
    const release = this.find(environment.project.releases, releaseId, 'release');
    const deployment = this.data.deployment(environment, release, 'PROVISIONING', { minutesAgo: 0, kind, percent: 20 });
    environment.activeDeployment = deployment;
    this.changed();
    return deployment;
  }

  private async *live(field: string, read: () => unknown): AsyncGenerator<Thing> {
    let dirty = true;
    let wake = () => {};
    const onChange = () => {
      dirty = true;
      wake();
    };
    this.changes.on('change', onChange);
    try {
      while (true) {
        if (!dirty) await new Promise<void>((resolve) => (wake = resolve));
        dirty = false;
        yield { [field]: read() };
      }
    } finally {
      this.changes.off('change', onChange);
    }
  }

  private async *tail(jobId: string, attemptId: string | null, fromLine: number): AsyncGenerator<Thing> {
    let next = fromLine;
    for await (const { log } of this.live('log', () => this.log(jobId))) {
      do {
        const lines = log.read(next, 5000, attemptId);
        next = lines.firstLine + lines.lineCount;
        yield { jobLog: lines };
        if (lines.complete) return;
      } while (next < log.total);
    }
  }
}
