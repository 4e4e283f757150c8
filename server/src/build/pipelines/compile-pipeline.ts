import { deploys, shorten } from '@slipway/protocol';
import { asList } from './as-list.js';
import { artifactsBefore, checkPipeline } from './check-pipeline.js';
import { type Compiled, refused } from './compiled.js';
import { durationMs } from './duration.js';
import { EVERY_BRANCH, EVERYTHING } from './event-filter.js';
import { compileNpmPipeline } from './npm-pipeline.js';
import type { AppSpec, CompiledPipeline, EventFilter, JobSpec } from './pipeline.js';
import { type AppFile, type EventFilterFile, type JobFile, MAX_JOBS, PipelineFile } from './pipeline-schema.js';
import { shapeProblems } from './shape-problems.js';
import { texts } from './variables.js';
import { MAX_PIPELINE_BYTES, readYaml } from './yaml-source.js';

export const PIPELINE_FILE = '.slipway.yml';
const DEFAULT_TIMEOUT_MS = 3_600_000;

/** What of a commit a pipeline is made from; null: not there. */
export type PipelineFiles = { pipelineYaml: string | null; packageJson: string | null; hasLockFile: boolean };

/** Pure. Never throws for what the files say, and takes no longer than reading them. */
export function compilePipeline(files: PipelineFiles): Compiled {
  if (files.pipelineYaml !== null) return compileYaml(files.pipelineYaml);
  if (files.packageJson !== null) return compileNpmPipeline(files.packageJson, files.hasLockFile);
  return refused([
    {
      file: PIPELINE_FILE,
      line: null,
      column: null,
      message: 'The repository has neither a pipeline nor a package.json, so there is nothing to run.',
      remedy: 'Add a file .slipway.yml at its root that says how to build, test and deploy it.',
    },
  ]);
}

function compileYaml(text: string): Compiled {
  const alone = (message: string, remedy: string) => refused([{ file: PIPELINE_FILE, line: null, column: null, message, remedy }]);
  if (Buffer.byteLength(text) > MAX_PIPELINE_BYTES)
    return alone('The file is larger than 256 KiB.', 'Move long scripts into files of their own and run those.');
  const read = readYaml(PIPELINE_FILE, text);
  if ('problems' in read) return refused(read.problems);
  const { source } = read;
  if (source.value === null || source.value === undefined)
    return alone('The file is empty.', 'Add "jobs:", or remove the file so that package.json is used.');
  const jobs = (source.value as { jobs?: unknown }).jobs;
  const count = typeof jobs === 'object' && jobs !== null ? Object.keys(jobs).length : 0;
  if (count > MAX_JOBS)
    return alone(`The pipeline has ${count} jobs; at most ${MAX_JOBS} are allowed.`, 'Join jobs, or split the repository.');
  const shape = PipelineFile.safeParse(source.value, { reportInput: true });
  if (!shape.success) return refused(shapeProblems(PIPELINE_FILE, shape.error.issues, source));
  const problems = checkPipeline(PIPELINE_FILE, shape.data, source);
  if (problems.length > 0) return refused(problems);
  const pipeline = toPipeline(shape.data);
  const mib = MAX_COMPILED_CHARACTERS / 1024 / 1024;
  if (!isStorablyLong(pipeline))
    return alone(
      `The pipeline is longer than ${mib} MiB once each job has its variables.`,
      'Set long variables only in the jobs that need them.',
    );
  const large = pipeline.jobs.find((job) => Buffer.byteLength(JSON.stringify(job)) > MAX_JOB_BYTES);
  if (!large) return { pipeline, problems: [] };
  const message = `"${large.name}" is longer than ${MAX_JOB_BYTES / 1024} KiB with its variables and with aliases filled in.`;
  const remedy = 'Move long scripts to files of their own and run those.';
  return refused([{ file: PIPELINE_FILE, ...source.locateKey(['jobs'], large.name), message, remedy }]);
}

/** An agent is sent its job in one message, with secrets beside it; NATS carries 1 MiB unless it is told otherwise. */
const MAX_JOB_BYTES = 900 * 1024;

/** It is kept with each run, and variables of the file are kept with each job. */
const MAX_COMPILED_CHARACTERS = 8 * 1024 * 1024;

function isStorablyLong({ jobs }: CompiledPipeline): boolean {
  let characters = 0;
  return jobs.every((job) => {
    characters += JSON.stringify(job).length;
    return characters <= MAX_COMPILED_CHARACTERS;
  });
}

function toPipeline(file: PipelineFile): CompiledPipeline {
  return {
    source: PIPELINE_FILE,
    on: toTriggers(file.on),
    jobs: Object.entries(file.jobs).map(([name, job]) => toJob(name, job, file)),
  };
}

function toTriggers(on: PipelineFile['on']): CompiledPipeline['on'] {
  if (on === undefined) return { push: EVERY_BRANCH, pullRequest: EVERYTHING, manual: true };
  const named = typeof on === 'string' || Array.isArray(on) ? asList(on) : Object.keys(on);
  return { ...toChanges(on), manual: named.some((event) => MANUAL.includes(event)) };
}

const MANUAL: readonly string[] = ['manual', 'workflow_dispatch'];

function toChanges(on: NonNullable<PipelineFile['on'] | JobFile['on']>): NonNullable<JobSpec['on']> {
  if (typeof on === 'string' || Array.isArray(on)) {
    const events: readonly string[] = asList(on);
    return { push: events.includes('push') ? EVERYTHING : null, pullRequest: events.includes('pull_request') ? EVERYTHING : null };
  }
  return {
    push: on.push === undefined ? null : toFilter(on.push),
    pullRequest: on.pull_request === undefined ? null : toFilter(on.pull_request),
  };
}

function toFilter(filter: EventFilterFile | null): EventFilter {
  return {
    branches: asList(filter?.branches),
    branchesIgnore: asList(filter?.['branches-ignore']),
    tags: asList(filter?.tags),
    tagsIgnore: asList(filter?.['tags-ignore']),
    paths: asList(filter?.paths),
    pathsIgnore: asList(filter?.['paths-ignore']),
  };
}

function toJob(name: string, job: JobFile, file: PipelineFile): JobSpec {
  return {
    name,
    kind: job.kind ?? 'build',
    needs: asList(job.needs),
    env: texts({ ...file.env, ...job.env }),
    secrets: job.secrets ?? [],
    steps: (job.steps ?? []).map((step) => ({
      name: step.name ?? firstLine(step.run),
      run: step.run,
      shell: step.shell ?? job.shell ?? null,
      env: texts(step.env),
      workingDirectory: step['working-directory'] ?? '.',
    })),
    artifacts: (job.artifacts ?? []).map((artifact) => ({ name: artifact.name, paths: asList(artifact.path) })),
    reports: { tests: asList(job.reports?.tests) },
    timeoutMs: timeoutOf(job),
    limits: limitsOf(job),
    tags: asList(job.tags),
    testType: job.kind === 'test' ? (job['test-type'] ?? 'unit') : null,
    on: job.on === undefined ? null : toChanges(job.on),
    deploy:
      deploys(job) && file.app
        ? { environment: job.environment ?? '', strategy: job.strategy ?? 'blue-green', app: toApp(name, file.app, file) }
        : null,
  };
}

function toApp(jobName: string, app: AppFile, file: PipelineFile): AppSpec {
  const health = app.health ?? {};
  return {
    artifact: app.artifact ?? artifactsBefore(jobName, file.jobs)[0] ?? '',
    start: app.start,
    env: texts(app.env),
    secrets: app.secrets ?? [],
    health: {
      path: health.path ?? '/',
      ...(health.host === undefined ? {} : { host: health.host }),
      intervalMs: durationMs(health.interval ?? '2s'),
      timeoutMs: durationMs(health.timeout ?? '2s'),
      startupMs: durationMs(health.startup ?? '60s'),
      healthyAfter: health['healthy-after'] ?? 1,
      unhealthyAfter: health['unhealthy-after'] ?? 3,
    },
    minimumHealthyMs: durationMs(app['minimum-healthy'] ?? '5s'),
    drainMs: durationMs(app.drain ?? '30s'),
    instances: app.instances ?? 1,
  };
}

function timeoutOf(job: JobFile): number {
  if (job.timeout !== undefined) return durationMs(job.timeout);
  return job['timeout-minutes'] === undefined ? DEFAULT_TIMEOUT_MS : Math.round(job['timeout-minutes'] * 60_000);
}

function limitsOf({ limits }: JobFile): JobSpec['limits'] {
  if (!limits) return null;
  return {
    cpuCores: limits['cpu-cores'] ?? null,
    memoryMib: limits['memory-mib'] ?? null,
    processes: limits.processes ?? null,
    diskMib: limits['disk-mib'] ?? null,
  };
}

const firstLine = (script: string): string => shorten(script.trim().split('\n', 1)[0] ?? '', 80) || 'run';
