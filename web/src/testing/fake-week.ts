import { randomUUID } from 'node:crypto';
import { ago, type FakeInstallation, sha } from './fake-data.ts';
import { fillFleet } from './fake-fleet.ts';
import { fillHistory, fillPullRequests } from './fake-git.ts';
import { fillWithHosts } from './fake-hosts.ts';
import { buildLine, FakeLog, failingLog } from './fake-log.ts';

/** What is there after a busy week: runs of every kind, one going on, logs short and huge, environments well and unwell. */
export function fillWithAWeek(data: FakeInstallation): void {
  data.agents.push(
    {
      id: 'a1',
      name: 'harbour',
      roles: ['BUILD', 'TEST', 'DEPLOY'],
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
        untrusted: false,
        notes: ['Jobs share this machine’s network: install pasta or slirp4netns to give them one of their own.'],
      },
      load: { cpu: 0.42, memoryUsed: 3.1e9, memoryTotal: 8.2e9, diskFree: 42e9 },
    },
    {
      id: 'a2',
      name: 'breakwater',
      roles: ['BUILD'],
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
  data.tokens.push({
    id: 't1',
    name: 'laptop git',
    createdAt: ago(20000),
    lastUsedAt: ago(12),
    expiresAt: new Date(Date.now() + 40 * 864e5).toISOString(),
  });
  fillSample(data);
  fillShop(data);
  data.project('empty');
  data.repository(data.projects[2] ?? {}, 'empty');
  fillWithHosts(data);
  data.project('bare');
  fillFleet(data);
}

function fillSample(data: FakeInstallation): void {
  const project = data.project('sample');
  project.secrets.push({ name: 'NPM_TOKEN', version: 3, createdAt: ago(9000) });
  const hello = data.repository(project, 'hello');
  for (let number = 1; number <= 28; number++) {
    const run = data.run(project, hello, number, number % 6 === 0 ? 'FAILED' : 'SUCCEEDED', { minutesAgo: (30 - number) * 47 });
    data.job(run, 'build', 'BUILD', 'SUCCEEDED');
    data.job(run, 'deploy', 'DEPLOY', number % 6 === 0 ? 'SKIPPED' : 'SUCCEEDED', { needs: ['build'] });
  }
  const running = data.run(project, hello, 29, 'RUNNING', { minutesAgo: 0.5 });
  const build = data.job(running, 'build', 'BUILD', 'SUCCEEDED', {
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
  data.logs.set(
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
  const unit = data.job(running, 'unit', 'TEST', 'RUNNING', { needs: ['build'] });
  data.logs.set(
    unit.id,
    new FakeLog({
      total: 80,
      complete: false,
      steps: [{ index: 0, name: 'npm test', line: 0, exitCode: null, durationMs: null }],
      startedMs: Date.now() - 10_000,
      lineAt: buildLine,
    }),
  );
  data.job(running, 'lint', 'TEST', 'QUEUED', { needs: ['build'], queuePosition: 3 });
  data.job(running, 'deploy', 'DEPLOY', 'WAITING', {
    needs: ['unit', 'lint'],
    environmentName: 'development',
    message: 'Waits for unit and lint.',
  });
  const [older, newer] = [data.release(project, 1, project.allRuns[3]), data.release(project, 2, project.allRuns[1])];
  const development = data.environment(project, 'development', 20000, {
    repository: hello,
    rollbackRelease: older,
    release: newer,
    releaseSince: ago(42),
    warmRelease: older,
    warmUntil: new Date(Date.now() + 8 * 60_000).toISOString(),
    health: 'HEALTHY',
    limits: { cpuCores: 0.5, memoryMib: 256, storageMib: null, state: 'ENFORCED' },
    variables: [{ name: 'LOG_LEVEL', value: 'debug' }],
    secrets: [{ name: 'API_KEY', version: 2, createdAt: ago(4000) }],
    instances: [
      {
        id: 'i1',
        release: newer,
        state: 'HEALTHY',
        port: 25001,
        pid: 4711,
        startedAt: ago(42),
        restarts: 0,
        recentRestarts: 0,
        earlierLimits: null,
        serving: true,
        message: null,
      },
      {
        id: 'i2',
        release: older,
        state: 'HEALTHY',
        port: 25000,
        pid: 4242,
        startedAt: ago(400),
        restarts: 2,
        recentRestarts: 0,
        earlierLimits: null,
        serving: false,
        message: null,
      },
    ],
  });
  data.deployment(development, older, 'SUCCEEDED', { minutesAgo: 400 });
  data.deployment(development, newer, 'ROLLED_BACK', {
    minutesAgo: 120,
    message: 'It never got healthy: GET /healthz answered 500 after 30 s.',
  });
  data.deployment(development, newer, 'SUCCEEDED', { minutesAgo: 42, previousRelease: older });
  data.environment(project, 'staging', 20001, { release: older, releaseSince: ago(380), health: 'HEALTHY' });
  data.environment(project, 'production', 20002);
  data.branch(hello, 'main', 29, () => running);
  data.branch(hello, 'improve/greeting-with-a-rather-long-branch-name', 24, () => project.allRuns[5]);
  fillHistory(data, project, hello);
}

function fillShop(data: FakeInstallation): void {
  const project = data.project('storefront');
  const repository = data.repository(project, 'web');
  const huge = data.run(project, repository, 39, 'SUCCEEDED', { minutesAgo: 300 });
  const million = data.job(huge, 'build', 'BUILD', 'SUCCEEDED');
  data.logs.set(
    million.id,
    new FakeLog({
      total: 1_000_000,
      complete: true,
      steps: [{ index: 0, name: 'compile everything', line: 0, exitCode: 0, durationMs: 600_000 }],
      startedMs: Date.now() - 2e7,
      lineAt: buildLine,
    }),
  );
  data.run(project, repository, 40, 'INVALID', {
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
  const failed = data.run(project, repository, 41, 'FAILED', { minutesAgo: 60, branch: 'improve/cart' });
  data.job(failed, 'build', 'BUILD', 'SUCCEEDED');
  const unit = data.job(failed, 'unit', 'TEST', 'FAILED', {
    needs: ['build'],
    reason: 'exit_code',
    message: 'The step “npm test” ended with exit code 1.',
    tests: { passed: 11, failed: 1, skipped: 0, onlyCounted: { passed: 0, failed: 0, skipped: 0 } },
    allFailedTests: [
      {
        id: 'c1',
        suite: 'greeting',
        name: 'says the name',
        file: 'test/greeting.test.js',
        state: 'FAILED',
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
    agent: data.agents[1],
    outcome: { kind: 'error', reason: 'agent_lost', message: 'The agent breakwater was lost; tried again elsewhere.' },
    createdAt: ago(61),
    endedAt: ago(60),
  });
  data.logs.set(unit.id, failingLog(Date.now() - 3.6e6));
  data.job(failed, 'deploy', 'DEPLOY', 'SKIPPED', { needs: ['unit'], message: 'Skipped: unit failed.' });
  data.job(failed, 'docs', 'BUILD', 'SKIPPED', {
    reason: 'filtered',
    message: 'Left out by its on.paths: docs/** fits none of the 3 changed files.',
  });
  const release = data.release(project, 7, huge);
  const production = data.environment(project, 'production', 20010, { release, releaseSince: ago(3000), health: 'UNHEALTHY' });
  production.activeDeployment = data.deployment(production, release, 'ROLLING_OUT', {
    minutesAgo: 0.1,
    message: 'Switching the traffic.',
  });
  data.branch(repository, 'main', 39, () => huge);
  data.branch(repository, 'improve/cart', 41, () => failed);
  fillHistory(data, project, repository, { branches: 130 });
  fillPullRequests(data, project, repository);
}
