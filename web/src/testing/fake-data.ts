import { randomUUID } from 'node:crypto';
import { emptyHistory } from './fake-history.ts';
import type { FakeLog } from './fake-log.ts';
import { ago, connection, sha, type Thing } from './fake-things.ts';

export { ago, connection, sha, type Thing } from './fake-things.ts';

type Args = Record<string, never>;

const SUBJECTS = [
  'Greet people by their name',
  'Answer health checks before the first request',
  'Cache the price list for a minute',
  'Mend the footer on small screens',
  'Upgrade to Node 24',
  'Log each request with its id',
];

/** An installation just after its first start, and the means to fill it. */
export class FakeInstallation {
  readonly viewer: Thing = { id: 'u1', name: 'Ada Lovelace', email: 'ada@example.com', isAdmin: true, hasPassword: false };
  readonly projects: Thing[] = [];
  readonly agents: Thing[] = [];
  readonly tokens: Thing[] = [];
  readonly logs = new Map<string, FakeLog>();
  readonly previews: Thing = {
    commits: [this.commit(11), this.commit(12)],
    commitsTruncated: false,
    direction: 'backward',
    variables: [
      { name: 'LOG_LEVEL', before: 'debug', after: 'info' },
      { name: 'GREETING', before: 'Hello', after: null },
    ],
    secrets: ['API_KEY'],
    warm: true,
  };

  commit(seed: number): Thing {
    const subject = SUBJECTS[seed % SUBJECTS.length] ?? '';
    return {
      sha: sha(seed),
      shortSha: sha(seed).slice(0, 7),
      subject,
      message: `${subject}\n\nSo that they feel at home.`,
      authorName: seed % 2 ? 'Grace Hopper' : 'Ada Lovelace',
      authorEmail: 'dev@example.com',
      committedAt: ago(seed * 13),
      parents: [sha(seed + 1)],
    };
  }

  project(name: string): Thing {
    const project: Thing = {
      id: randomUUID(),
      name,
      createdAt: ago(9000),
      permissions: ['project.read', 'run.trigger', 'run.cancel', 'job.retry', 'deployment.create'],
      repositories: [],
      repository: (wanted: { name: string }) => project.repositories.find((each: Thing) => each.name === wanted.name) ?? null,
      environments: [],
      secrets: [],
      releases: [],
      allRuns: [],
      runs: ({ state, ...page }: { state?: string; first?: number; after?: string }) =>
        connection(
          project.allRuns.filter((run: Thing) => !state || run.state === state),
          page,
        ),
      lastRun: () => project.allRuns[0] ?? null,
    };
    this.projects.push(project);
    return project;
  }

  repository(project: Thing, name: string): Thing {
    const repository: Thing = Object.assign(emptyHistory(), {
      id: randomUUID(),
      name,
      defaultBranch: null,
      cloneUrl: `http://localhost:4000/git/${project.name}/${name}.git`,
      connection: null,
    });
    project.repositories.push(repository);
    return repository;
  }

  branch(repository: Thing, name: string, seed: number, lastRun: () => Thing | null): void {
    repository.defaultBranch ??= name;
    repository.allBranches.push({
      id: randomUUID(),
      name,
      head: this.commit(seed),
      updatedAt: ago(seed * 13),
      isDefault: repository.defaultBranch === name,
      lastRun,
    });
  }

  run(project: Thing, repository: Thing, number: number, state: string, more: Thing = {}): Thing {
    const minutes = more.minutesAgo ?? number * 7;
    const over = !['RUNNING', 'PENDING'].includes(state);
    const run: Thing = {
      id: randomUUID(),
      number,
      state,
      trigger: 'PUSH',
      ref: `refs/heads/${more.branch ?? 'main'}`,
      branch: 'main',
      commitSha: sha(number),
      headSha: sha(number),
      trusted: true,
      pullRequest: null,
      statusReport: null,
      commit: this.commit(number),
      triggeredBy: this.viewer,
      retriedBy: null,
      deployment: null,
      project,
      repository,
      problems: [],
      createdAt: ago(minutes),
      startedAt: state === 'INVALID' || state === 'PENDING' ? null : ago(minutes - 0.02),
      finishedAt: over ? ago(minutes - 0.8 - (number % 5) * 0.3) : null,
      expectedMs: 74_000,
      workedMs: () => (run.finishedAt && run.startedAt ? Date.parse(run.finishedAt) - Date.parse(run.startedAt) : 0),
      workingSince: () => (run.finishedAt ? null : run.startedAt),
      retriedJobs: [],
      jobs: [],
      ...more,
    };
    project.allRuns.unshift(run);
    return run;
  }

  job(run: Thing, name: string, kind: string, state: string, more: Thing = {}): Thing {
    const began = !['WAITING', 'QUEUED', 'SKIPPED'].includes(state);
    const over = ['SUCCEEDED', 'FAILED', 'CANCELLED', 'TIMED_OUT', 'SKIPPED'].includes(state);
    const id = randomUUID();
    const attempts: Thing[] = began
      ? [
          {
            id: randomUUID(),
            number: 100 + run.number,
            state: over ? 'ended' : 'running',
            agent: this.agents[0],
            outcome: null,
            createdAt: run.createdAt,
            endedAt: over ? run.finishedAt : null,
          },
        ]
      : [];
    const job: Thing = {
      id,
      name,
      kind,
      state,
      reason: null,
      message: null,
      needs: [],
      position: run.jobs.length,
      run,
      retryOf: null,
      isCurrent: true,
      createdAt: run.createdAt,
      queuedAt: run.createdAt,
      startedAt: began ? run.startedAt : null,
      finishedAt: over && began ? (run.finishedAt ?? new Date(Date.parse(run.startedAt) + 21_000).toISOString()) : null,
      timeoutMs: 3_600_000,
      queuePosition: null,
      expectedMs: 40_000,
      agent: began ? this.agents[0] : null,
      attempts,
      steps: () => (this.logs.get(id)?.steps ?? []).map((step) => ({ ...step, startedAt: run.startedAt })),
      tests: null,
      allFailedTests: [],
      failedTests: ({ first, after }: { first: number; after?: string }) => {
        const from = after ? job.allFailedTests.findIndex((test: Thing) => test.id === after) + 1 : 0;
        return job.allFailedTests.slice(from, from + first);
      },
      artifacts: [],
      deployment: null,
      environmentName: null,
      sandbox: began ? 'sandboxed' : null,
      ...more,
    };
    run.jobs.push(job);
    return job;
  }

  environment(project: Thing, name: string, port: number, more: Thing = {}): Thing {
    const environment: Thing = {
      id: randomUUID(),
      name,
      state: 'active',
      port,
      project,
      agent: this.agents[0] ?? null,
      limits: { cpuCores: null, memoryMib: null, storageMib: null, state: 'NOT_ENFORCED' },
      variables: [],
      secrets: [],
      generation: 1,
      release: null,
      releaseSince: null,
      warmRelease: null,
      warmUntil: null,
      rollbackRelease: null,
      repository: null,
      health: null,
      healthMessage: null,
      instances: [],
      problems: [],
      activeDeployment: null,
      allDeployments: [],
      deployments: (page: Args) => connection(environment.allDeployments, page),
      ...more,
    };
    project.environments.push(environment);
    return environment;
  }

  release(project: Thing, number: number, run: Thing | null): Thing {
    const commit = this.commit(run?.number ?? number);
    const release = {
      id: randomUUID(),
      number,
      version: commit.shortSha,
      commit,
      commitSha: commit.sha,
      branch: 'main',
      artifactDigest: sha(number + 300) + sha(number + 301).slice(0, 24),
      artifactSize: 1_234_567,
      createdAt: ago(number * 11),
      run,
    };
    project.releases.unshift(release);
    return release;
  }

  deployment(environment: Thing, release: Thing, state: string, more: Thing = {}): Thing {
    const minutes = more.minutesAgo ?? 30;
    const over = ['SUCCEEDED', 'ROLLED_BACK', 'FAILED', 'SUPERSEDED', 'CANCELLED'].includes(state);
    const deployment: Thing = {
      id: randomUUID(),
      kind: 'deploy',
      strategy: 'BLUE_GREEN',
      state,
      reason: null,
      message: null,
      percent: over ? 100 : 50,
      environment,
      release,
      previousRelease: environment.release,
      job: null,
      run: release.run,
      createdBy: this.viewer,
      createdAt: ago(minutes),
      startedAt: ago(minutes - 0.01),
      finishedAt: over ? ago(minutes - 0.2) : null,
      receipt: over
        ? {
            ...{ served: 1284, failed: 3, cut: 0, aborted: 2, bytesIn: 412_000, bytesOut: 58_400_000 },
            failures: { connect: 0, reset: 1, application: 2, router: 0 },
            latency: { p50Ms: 6, p95Ms: 15, p99Ms: 40, measured: 1287 },
          }
        : null,
      contents: { commits: release.commit ? [release.commit] : [], commitsTruncated: false, direction: 'forward' },
      events: [
        { at: ago(minutes), event: 'created', state: 'WAITING', message: null },
        { at: ago(minutes - 0.01), event: 'started', state: 'PROVISIONING', message: 'Starting release beside the old one on port 25003.' },
        { at: ago(minutes - 0.05), event: 'healthy', state: 'ROLLING_OUT', message: 'Healthy after 0.8 s; switching the traffic.' },
        ...(over
          ? [
              {
                at: ago(minutes - 0.2),
                event: state,
                state,
                message:
                  state === 'SUCCEEDED'
                    ? 'Went live; the previous release was kept warm for 10 minutes.'
                    : 'It never got healthy: GET / answered 500.',
              },
            ]
          : []),
      ],
      ...more,
    };
    environment.allDeployments.unshift(deployment);
    return deployment;
  }
}
