import { z } from 'zod';
import { type Compiled, isStorable, refused } from './compiled.js';
import { EVERY_BRANCH, EVERYTHING } from './event-filter.js';
import type { AppSpec, JobSpec, PipelineProblem } from './pipeline.js';

const FILE = 'package.json';
const JOB_TIMEOUT_MS = 3_600_000;
/** What `npm init` writes if there is no test; it fails on purpose. */
const NO_TEST = 'no test specified';

const PackageJson = z.looseObject({ scripts: z.record(z.string(), z.string()).optional() });

/**
 * No configuration: npm's own scripts are the pipeline. Install and build; test, where there is a test; deploy to
 * development what the build left, where there is a start script.
 */
export function compileNpmPipeline(text: string, hasLockFile: boolean): Compiled {
  const scripts = readScripts(text);
  if ('problem' in scripts) return refused([scripts.problem]);
  const jobs = [buildJob(scripts, hasLockFile)];
  if (scripts.test && !scripts.test.includes(NO_TEST)) jobs.push(testJob(hasLockFile));
  if (scripts.start) jobs.push(deployJob(jobs.map((job) => job.name)));
  return { pipeline: { source: FILE, on: { push: EVERY_BRANCH, pullRequest: EVERYTHING, manual: true }, jobs }, problems: [] };
}

type Scripts = { build?: string | undefined; test?: string | undefined; start?: string | undefined };

function readScripts(text: string): Scripts | { problem: PipelineProblem } {
  const problem = (message: string) => ({
    problem: {
      file: FILE,
      line: null,
      column: null,
      message,
      remedy: 'Fix package.json, or add a file .slipway.yml that says what to do.',
    },
  });
  try {
    const read = PackageJson.safeParse(JSON.parse(text.replace(/^\uFEFF/, '')));
    if (!read.success) return problem('The file is not a valid package.json: "scripts" must map names to texts.');
    const { build, test, start } = read.data.scripts ?? {};
    return isStorable({ build, test, start }) ? { build, test, start } : problem('A script contains a NUL character or half a character.');
  } catch (error) {
    return problem(`This is not valid JSON: ${(error as Error).message}.`);
  }
}

function buildJob(scripts: Scripts, hasLockFile: boolean): JobSpec {
  const steps = [install(hasLockFile), ...(scripts.build ? [step('npm run build')] : [])];
  return { ...job('build', 'build', [], steps), artifacts: scripts.start ? [{ name: 'app', paths: ['.'] }] : [] };
}

function testJob(hasLockFile: boolean): JobSpec {
  return {
    ...job('test', 'test', ['build'], [install(hasLockFile), step('npm test')]),
    reports: { tests: ['**/junit.xml', '**/test-results/*.xml'] },
  };
}

function deployJob(needs: string[]): JobSpec {
  return { ...job('deploy', 'deploy', needs, []), deploy: { environment: 'development', strategy: 'blue-green', app: NPM_APP } };
}

const NPM_APP: AppSpec = {
  artifact: 'app',
  start: 'exec npm start',
  env: { NODE_ENV: 'production' },
  secrets: [],
  health: { path: '/', intervalMs: 2_000, timeoutMs: 2_000, startupMs: 60_000, healthyAfter: 1, unhealthyAfter: 3 },
  minimumHealthyMs: 5_000,
  drainMs: 30_000,
  instances: 1,
};

const step = (run: string) => ({ name: run, run, shell: null, env: {}, workingDirectory: '.' });
const install = (hasLockFile: boolean) => step(hasLockFile ? 'npm ci' : 'npm install --no-package-lock');

function job(name: string, kind: JobSpec['kind'], needs: string[], steps: JobSpec['steps']): JobSpec {
  return {
    name,
    kind,
    needs,
    env: {},
    secrets: [],
    steps,
    artifacts: [],
    reports: { tests: [] },
    timeoutMs: JOB_TIMEOUT_MS,
    tags: [],
    testType: kind === 'test' ? 'unit' : null,
    on: null,
    deploy: null,
  };
}
