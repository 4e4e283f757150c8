import { deploys } from '@slipway/protocol';
import { asList } from './as-list.js';
import { checkEnvironments } from './check-environments.js';
import { checkFilters, type Report } from './check-filters.js';
import { closestName } from './closest-name.js';
import { MAX_PROBLEMS } from './compiled.js';
import { findCycle, reachable } from './needs-graph.js';
import type { PipelineProblem } from './pipeline.js';
import type { AppFile, JobFile, PipelineFile } from './pipeline-schema.js';
import type { YamlSource } from './yaml-source.js';

type Jobs = Record<string, JobFile>;

/** What the shape alone can't tell: names that must fit together. Expects a file of the right shape; stops at one more than are shown. */
export function checkPipeline(file: string, pipeline: PipelineFile, source: YamlSource): PipelineProblem[] {
  const problems: PipelineProblem[] = [];
  const report: Report = (path, message, remedy) => {
    if (problems.length > MAX_PROBLEMS) return;
    problems.push({ file, ...source.locate(path), message, remedy: typeof remedy === 'string' ? remedy : remedy() });
  };
  if (Object.keys(pipeline.jobs).length === 0) report(['jobs'], 'The pipeline has no job.', 'Add one, e.g. "build:" with steps.');
  if (pipeline.app?.env && 'PORT' in pipeline.app.env)
    report(
      ['app', 'env', 'PORT'],
      'Slipway sets PORT, with another value for each instance.',
      'Remove it, and let the application listen on $PORT.',
    );
  checkFilters(['on'], pipeline.on, report);
  for (const [name, job] of Object.entries(pipeline.jobs)) {
    checkFilters(['jobs', name, 'on'], job.on, report);
    checkNeeds(name, job, pipeline.jobs, report);
    if (deploys(job)) checkDeployJob(name, job, pipeline, report);
    else checkWorkingJob(name, job, report);
  }
  checkEnvironments(pipeline, report);
  checkArtifactNames(pipeline.jobs, report);
  checkCycle(pipeline.jobs, report);
  return problems;
}

function checkNeeds(name: string, job: JobFile, jobs: Jobs, report: Report): void {
  const needs = asList(job.needs);
  for (const [index, need] of needs.entries()) {
    const path = ['jobs', name, 'needs', index];
    if (!Object.hasOwn(jobs, need))
      report(path, `"${name}" needs "${need}", but there is no such job.`, () => didYouMean(need, Object.keys(jobs)));
    else if (needs.indexOf(need) !== index) report(path, `"${name}" needs "${need}" twice.`, 'Remove one.');
  }
}

function checkWorkingJob(name: string, job: JobFile, report: Report): void {
  if (!job.steps) report(['jobs', name], `"${name}" has no steps.`, 'Add "steps:" with at least one "- run: <command>".');
  for (const key of ['environment', 'strategy'] as const) {
    if (job[key] !== undefined)
      report(
        ['jobs', name, key],
        `"${key}" belongs to deploy jobs, but "${name}" is of kind ${job.kind ?? 'build'}.`,
        'Write "kind: deploy", or remove the key.',
      );
  }
  if (job.timeout !== undefined && job['timeout-minutes'] !== undefined)
    report(['jobs', name, 'timeout-minutes'], `"${name}" has both timeout and timeout-minutes.`, 'Keep one.');
}

function checkDeployJob(name: string, job: JobFile, { app, jobs }: PipelineFile, report: Report): void {
  const place = ['jobs', name];
  if (!job.environment)
    report(
      place,
      `The deploy job "${name}" does not say where to deploy.`,
      'Add "environment:" with a name, e.g. "environment: development".',
    );
  if (job.limits !== undefined)
    report(
      [...place, 'limits'],
      'A deploy job has no "limits": the limits of an application are settings of its environment.',
      'Set them on the page of the environment.',
    );
  for (const key of ['steps', 'shell', 'artifacts', 'reports', 'env', 'secrets'] as const) {
    if (job[key] !== undefined)
      report(
        [...place, key],
        `A deploy job has no "${key}": it starts the application as "app" says.`,
        `Move them to a job that "${name}" needs, or to "app".`,
      );
  }
  if (app) checkReleaseArtifact(name, app, jobs, report);
  else report(place, `"${name}" deploys, but the file has no "app".`, 'Add "app:" with "start: <command>" at the outermost level.');
}

function checkReleaseArtifact(name: string, app: AppFile, jobs: Jobs, report: Report): void {
  const offered = artifactsBefore(name, jobs);
  const place = ['jobs', name];
  if (app.artifact !== undefined) {
    if (offered.includes(app.artifact)) return;
    const remedy = offered.length > 0 ? didYouMean(app.artifact, offered) : 'Name the job that makes it in "needs".';
    report(['app', 'artifact'], `No job that "${name}" needs makes the artifact "${app.artifact}".`, remedy);
  } else if (offered.length === 0) {
    const remedy = 'Add "artifacts:" to a build job, and name that job in "needs".';
    report(place, `No job that "${name}" needs makes an artifact, so there is nothing to deploy.`, remedy);
  } else if (offered.length > 1) {
    report(place, `"${name}" could deploy ${offered.join(' or ')}.`, 'Say which with "artifact:" under "app".');
  }
}

/** Artifacts of all jobs that a job needs, directly or through others. */
export function artifactsBefore(name: string, jobs: Jobs): string[] {
  return reachable(asList(jobs[name]?.needs), (job) => asList(jobs[job]?.needs)).flatMap((job) =>
    (jobs[job]?.artifacts ?? []).map((artifact) => artifact.name),
  );
}

function checkArtifactNames(jobs: Jobs, report: Report): void {
  const makers = new Map<string, string>();
  for (const [name, job] of Object.entries(jobs)) {
    for (const [index, artifact] of (job.artifacts ?? []).entries()) {
      const other = makers.get(artifact.name);
      if (other !== undefined)
        report(
          ['jobs', name, 'artifacts', index, 'name'],
          `The artifact "${artifact.name}" is already made by "${other}".`,
          'Give it another name.',
        );
      makers.set(artifact.name, name);
    }
  }
}

function checkCycle(jobs: Jobs, report: Report): void {
  const circle = findCycle(Object.keys(jobs), (name) => asList(jobs[name]?.needs));
  if (!circle) return;
  const [first = ''] = circle;
  report(['jobs', first, 'needs'], `Jobs need each other in a circle: ${[...circle, first].join(' → ')}.`, 'Remove one of these needs.');
}

function didYouMean(name: string, candidates: readonly string[]): string {
  const meant = closestName(name, candidates);
  return meant ? `Did you mean "${meant}"?` : `Choose one of: ${candidates.slice(0, 20).join(', ')}.`;
}
