import { randomUUID } from 'node:crypto';
import { buildLine, FakeLog, failingLog } from './fake-log.ts';

/* Plain data in the shape of the schema; fields with arguments are functions. */
type Args = Record<string, never>;
// biome-ignore lint/suspicious/noExplicitAny: the schema checks what leaves here; the fake keeps its things untyped
export type Thing = Record<string, any>;

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
export const connection = (nodes: Thing[], { first = 20, after }: { first?: number; after?: string | null } = {}) => {
  const from = after ? nodes.findIndex((node) => node.id === after) + 1 : 0;
  const page = nodes.slice(from, from + first);
  return {
    edges: page.map((node) => ({ cursor: node.id, node })),
    pageInfo: { hasNextPage: from + first < nodes.length, endCursor: page.at(-1)?.id ?? null },
  };
};

const sha = (seed: number) =>
  Array.from({ length: 40 }, (_, index) => ((seed * 7919 + index * index * 31 + index * seed) % 16).toString(16)).join('');
const SUBJECTS = [
  'Greet people by their name',
  'Answer health checks before the first request',
  'Cache the price list for a minute',
  'Mend the footer on small screens',
  'Upgrade to Node 24',
  'Log each request with its id',
];

/** An installation as it looks after a busy week. `empty`: just after the first start with the sample switched off. */
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

  constructor(options: { empty?: boolean } = {}) {
    if (options.empty) return;
    this.fill();
  }

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
      repositories: [],
      environments: [],
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
    const repository: Thing = {
      id: randomUUID(),
      name,
      defaultBranch: null,
      cloneUrl: `http://localhost:4000/git/${project.name}/${name}.git`,
      allBranches: [],
      branches: (page: Args) => connection(repository.allBranches, page),
    };
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
    const over = !['running', 'pending'].includes(state);
    const run: Thing = {
      id: randomUUID(),
      number,
      state,
      trigger: 'push',
      branch: 'main',
      commitSha: sha(number),
      commit: this.commit(number),
      triggeredBy: null,
      project,
      repository,
      problems: [],
      createdAt: ago(minutes),
      startedAt: state === 'invalid' || state === 'pending' ? null : ago(minutes - 0.02),
      finishedAt: over ? ago(minutes - 0.8 - (number % 5) * 0.3) : null,
      expectedMs: 74_000,
      jobs: [],
      ...more,
    };
    project.allRuns.unshift(run);
    return run;
  }

  job(run: Thing, name: string, kind: string, state: string, more: Thing = {}): Thing {
    const began = !['waiting', 'queued', 'skipped'].includes(state);
    const over = ['succeeded', 'failed', 'cancelled', 'timed_out', 'skipped'].includes(state);
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
      failedTests: [],
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
      limits: { cpuCores: null, memoryMib: null, storageMib: null, state: 'not_enforced' },
      variables: [],
      secrets: [],
      generation: 1,
      release: null,
      releaseSince: null,
      warmRelease: null,
      warmUntil: null,
      health: null,
      instances: [],
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
    const over = ['succeeded', 'rolled_back', 'failed', 'superseded', 'cancelled'].includes(state);
    const deployment: Thing = {
      id: randomUUID(),
      kind: 'deploy',
      strategy: 'blue_green',
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
      receipt: over ? { served: 1284, failed: 0, cut: 0 } : null,
      events: [
        { at: ago(minutes), event: 'created', state: 'waiting', message: null },
        { at: ago(minutes - 0.01), event: 'started', state: 'provisioning', message: 'Starting release beside the old one on port 25003.' },
        { at: ago(minutes - 0.05), event: 'healthy', state: 'rolling_out', message: 'Healthy after 0.8 s; switching the traffic.' },
        ...(over
          ? [
              {
                at: ago(minutes - 0.2),
                event: state,
                state,
                message:
                  state === 'succeeded'
                    ? 'Serves; the old release is kept warm for 10 minutes.'
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

  private fill(): void {
    this.agents.push(
      {
        id: 'a1',
        name: 'harbour',
        roles: ['build', 'test', 'deploy'],
        tags: ['linux'],
        slots: 4,
        slotsInUse: 2,
        connected: true,
        draining: false,
        version: '0.1.0',
        hostname: 'harbour.local',
        platform: 'linux x64',
        lastSeenAt: ago(0),
        sandbox: {
          mode: 'sandboxed',
          limits: 'not_enforced',
          network: 'host',
          notes: ['Jobs share this machine’s network: install pasta or slirp4netns to give them one of their own.'],
        },
        load: { cpu: 0.42, memoryUsed: 3.1e9, memoryTotal: 8.2e9, diskFree: 42e9 },
      },
      {
        id: 'a2',
        name: 'breakwater',
        roles: ['build'],
        tags: [],
        slots: 2,
        slotsInUse: 0,
        connected: false,
        draining: false,
        version: '0.1.0',
        hostname: 'breakwater',
        platform: 'linux arm64',
        lastSeenAt: ago(95),
        sandbox: null,
        load: null,
      },
    );
    this.tokens.push({
      id: 't1',
      name: 'laptop git',
      createdAt: ago(20000),
      lastUsedAt: ago(12),
      expiresAt: new Date(Date.now() + 40 * 864e5).toISOString(),
    });
    this.fillSample();
    this.fillShop();
    this.project('empty');
    this.repository(this.projects[2] ?? {}, 'empty');
  }

  private fillSample(): void {
    const project = this.project('sample');
    const hello = this.repository(project, 'hello');
    for (let number = 1; number <= 28; number++) {
      const run = this.run(project, hello, number, number % 6 === 0 ? 'failed' : 'succeeded', { minutesAgo: (30 - number) * 47 });
      this.job(run, 'build', 'build', 'succeeded');
      this.job(run, 'deploy', 'deploy', number % 6 === 0 ? 'skipped' : 'succeeded', { needs: ['build'] });
    }
    const running = this.run(project, hello, 29, 'running', { minutesAgo: 0.5 });
    const build = this.job(running, 'build', 'build', 'succeeded', {
      artifacts: [
        {
          id: 'art1',
          name: 'app',
          digest: sha(5) + sha(6).slice(0, 24),
          size: 1_234_567,
          createdAt: ago(0.3),
          downloadUrl: '/api/artifacts/art1',
        },
      ],
    });
    this.logs.set(
      build.id,
      new FakeLog({
        total: 320,
        complete: true,
        steps: [
          { index: 0, name: 'npm ci', line: 0, exitCode: 0, durationMs: 3100 },
          { index: 1, name: 'npm run build', line: 120, exitCode: 0, durationMs: 9200 },
        ],
        startedMs: Date.now() - 30_000,
        lineAt: buildLine,
      }),
    );
    const unit = this.job(running, 'unit', 'test', 'running', { needs: ['build'] });
    this.logs.set(
      unit.id,
      new FakeLog({
        total: 80,
        complete: false,
        steps: [{ index: 0, name: 'npm test', line: 0, exitCode: null, durationMs: null }],
        startedMs: Date.now() - 10_000,
        lineAt: buildLine,
      }),
    );
    this.job(running, 'lint', 'test', 'queued', { needs: ['build'], queuePosition: 3 });
    this.job(running, 'deploy', 'deploy', 'waiting', {
      needs: ['unit', 'lint'],
      environmentName: 'development',
      message: 'Waits for unit and lint.',
    });
    const [older, newer] = [this.release(project, 1, project.allRuns[3]), this.release(project, 2, project.allRuns[1])];
    const development = this.environment(project, 'development', 20000, {
      release: newer,
      releaseSince: ago(42),
      warmRelease: older,
      warmUntil: new Date(Date.now() + 8 * 60_000).toISOString(),
      health: 'healthy',
      limits: { cpuCores: 0.5, memoryMib: 256, storageMib: null, state: 'enforced' },
      variables: [{ name: 'LOG_LEVEL', value: 'debug' }],
      secrets: [{ name: 'API_KEY', version: 2, createdAt: ago(4000) }],
      instances: [
        { id: 'i1', release: newer, state: 'healthy', port: 25001, pid: 4711, startedAt: ago(42), restarts: 0, message: null },
        { id: 'i2', release: older, state: 'healthy', port: 25000, pid: 4242, startedAt: ago(400), restarts: 2, message: 'Kept warm' },
      ],
    });
    this.deployment(development, older, 'succeeded', { minutesAgo: 400 });
    this.deployment(development, newer, 'rolled_back', {
      minutesAgo: 120,
      message: 'It never got healthy: GET /healthz answered 500 after 30 s.',
    });
    this.deployment(development, newer, 'succeeded', { minutesAgo: 42, previousRelease: older });
    this.environment(project, 'staging', 20001, { release: older, releaseSince: ago(380), health: 'healthy' });
    this.environment(project, 'production', 20002);
    this.branch(hello, 'main', 29, () => running);
    this.branch(hello, 'improve/greeting-with-a-rather-long-branch-name', 24, () => project.allRuns[5]);
  }

  private fillShop(): void {
    const project = this.project('storefront');
    const repository = this.repository(project, 'web');
    const huge = this.run(project, repository, 39, 'succeeded', { minutesAgo: 300 });
    const million = this.job(huge, 'build', 'build', 'succeeded');
    this.logs.set(
      million.id,
      new FakeLog({
        total: 1_000_000,
        complete: true,
        steps: [{ index: 0, name: 'compile everything', line: 0, exitCode: 0, durationMs: 600_000 }],
        startedMs: Date.now() - 2e7,
        lineAt: buildLine,
      }),
    );
    this.run(project, repository, 40, 'invalid', {
      minutesAgo: 200,
      problems: [
        {
          file: '.slipway.yml',
          line: 12,
          column: 5,
          message: 'Unknown key "step" in job "unit".',
          remedy: 'Did you mean "steps"? A job knows: kind, needs, steps, env, artifacts, reports, timeout-minutes.',
        },
        {
          file: '.slipway.yml',
          line: 21,
          column: 14,
          message: 'Job "deploy" needs "package", which no job is called.',
          remedy: 'Name one of: build, unit.',
        },
      ],
    });
    const failed = this.run(project, repository, 41, 'failed', { minutesAgo: 60, branch: 'improve/cart' });
    this.job(failed, 'build', 'build', 'succeeded');
    const unit = this.job(failed, 'unit', 'test', 'failed', {
      needs: ['build'],
      reason: 'exit_code',
      message: 'The step “npm test” ended with exit code 1.',
      tests: { passed: 11, failed: 1, skipped: 0 },
      failedTests: [
        {
          id: 'c1',
          suite: 'greeting',
          name: 'says the name',
          file: 'test/greeting.test.js',
          state: 'failed',
          durationMs: 1.2,
          message: "Expected values to be strictly equal:\n+ 'Hello, undefined!'\n- 'Hello, Ada!'",
          output:
            'at TestContext.<anonymous> (file:///workspace/test/greeting.test.js:14:10)\n    at Test.runInAsyncScope (node:async_hooks:226:14)',
        },
      ],
    });
    unit.attempts.unshift({
      id: randomUUID(),
      number: 99,
      state: 'ended',
      agent: this.agents[1],
      outcome: { kind: 'error', reason: 'agent_lost', message: 'The agent breakwater was lost; tried again elsewhere.' },
      createdAt: ago(61),
      endedAt: ago(60),
    });
    this.logs.set(unit.id, failingLog(Date.now() - 3.6e6));
    this.job(failed, 'deploy', 'deploy', 'skipped', { needs: ['unit'], message: 'Skipped: unit failed.' });
    const release = this.release(project, 7, huge);
    const production = this.environment(project, 'production', 20010, { release, releaseSince: ago(3000), health: 'unhealthy' });
    production.activeDeployment = this.deployment(production, release, 'rolling_out', {
      minutesAgo: 0.1,
      message: 'Switching the traffic.',
    });
    this.branch(repository, 'main', 39, () => huge);
    this.branch(repository, 'improve/cart', 41, () => failed);
  }
}
