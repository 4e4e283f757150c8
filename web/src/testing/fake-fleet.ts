import { ago, type FakeInstallation, type Thing } from './fake-data.ts';
import { buildLine, FakeLog } from './fake-log.ts';

const NONE = { passed: 0, failed: 0, skipped: 0 };

/** Big runs: many jobs of one shape, needs that skip columns, long names, hundreds of failed tests; and one whose application is live. */
export function fillFleet(data: FakeInstallation): void {
  const project = data.project('fleet');
  const repository = data.repository(project, 'ferry');
  fillBigRun(data, data.run(project, repository, 1, 'FAILED', { minutesAgo: 90 }));
  fillLiveRun(data, project, data.run(project, repository, 2, 'SUCCEEDED', { minutesAgo: 20 }));
  data.branch(repository, 'main', 2, () => project.allRuns[0]);
}

function fillBigRun(data: FakeInstallation, run: Thing): void {
  const job = (name: string, kind: string, state: string, needs: string[], more: Thing = {}) =>
    data.job(run, name, kind, state, { needs, ...more });
  job('build', 'BUILD', 'SUCCEEDED', []);
  job('generate-clients-for-every-service', 'BUILD', 'SUCCEEDED', []);
  const shards = Array.from({ length: 24 }, (_, n) => `unit ${n + 1}/24`);
  for (const [n, name] of shards.entries())
    job(
      name,
      'TEST',
      n === 6 ? 'FAILED' : 'SUCCEEDED',
      ['build'],
      n === 6 ? failedTests(130) : { tests: { passed: 80 + n, failed: 0, skipped: 0, onlyCounted: NONE } },
    );
  job('lint', 'TEST', 'SUCCEEDED', ['build']);
  job('licences', 'TEST', 'SUCCEEDED', []);
  const packages = ['api', 'web', 'worker', 'mail', 'search', 'billing', 'reports'].map((name) => `package-${name}-for-linux-and-arm64`);
  for (const name of packages) job(name, 'BUILD', 'SUCCEEDED', ['build', 'generate-clients-for-every-service']);
  job('contract tests of all services against each other', 'TEST', 'SUCCEEDED', packages.slice(0, 3));
  job('end to end', 'TEST', 'CANCELLED', [...packages, 'lint'], { message: 'Cancelled by Ada Lovelace.' });
  job('deploy to staging', 'DEPLOY', 'SKIPPED', [...shards, 'end to end', 'build', 'licences'], {
    message: 'Not started, because "unit 7/24" did not succeed.',
  });
  for (const { id } of run.jobs) data.logs.set(id, aLog());
}

function failedTests(count: number): Thing {
  const allFailedTests = Array.from({ length: count }, (_, n) => ({
    id: String(n + 1),
    suite: 'timetable',
    name: `leaves at ${n} past`,
    file: 'test/timetable.test.js',
    state: 'failed',
    durationMs: n / 3,
    message: `Expected ${n}, got ${n + 1}.`,
    output: null,
  }));
  return {
    message: 'The step “npm test” ended with exit code 1.',
    tests: { passed: 540_000, failed: count, skipped: 2, onlyCounted: { ...NONE, passed: 440_132 } },
    allFailedTests,
  };
}

function fillLiveRun(data: FakeInstallation, project: Thing, run: Thing): void {
  const release = data.release(project, 1, run);
  const environment = data.environment(project, 'production', 20_030, { release, releaseSince: ago(19), health: 'HEALTHY' });
  data.job(run, 'build', 'BUILD', 'SUCCEEDED');
  data.job(run, 'production', 'DEPLOY', 'SUCCEEDED', {
    needs: ['build'],
    environmentName: 'production',
    deployment: data.deployment(environment, release, 'SUCCEEDED', { minutesAgo: 20 }),
  });
  for (const { id } of run.jobs) data.logs.set(id, aLog());
}

const aLog = () =>
  new FakeLog({
    total: 200,
    complete: true,
    steps: [{ index: 0, name: 'npm test', line: 0, exitCode: 0, durationMs: 9000 }],
    startedMs: Date.now() - 5_400_000,
    lineAt: buildLine,
  });
