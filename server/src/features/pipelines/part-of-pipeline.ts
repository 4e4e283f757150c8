import { reachable } from './needs-graph.js';
import type { CompiledPipeline, JobSpec, TestType } from './pipeline.js';

/** Pure. The pipeline with the test jobs of one type and all that they need, directly or not; null: it has no such tests. */
export function onlyTests(pipeline: CompiledPipeline, type: TestType): CompiledPipeline | null {
  const tests = pipeline.jobs.filter((job) => job.kind === 'test' && job.testType === type);
  if (tests.length === 0) return null;
  const wanted = new Set(tests.flatMap((job) => [job.name, ...neededBy(job, pipeline)]));
  return { ...pipeline, jobs: pipeline.jobs.filter((job) => wanted.has(job.name)) };
}

/**
 * Pure. The pipeline with one deploy job, to the environment of that name, and what it needs. Of several deploy jobs the one for that environment
 * says how; without one, the first. Other deployments, and what comes after them, are left out: they are about other places.
 * null: the pipeline does not say how its application is deployed, or makes what it deploys only after another deployment.
 */
export function onlyDeploy(pipeline: CompiledPipeline, environment: string): CompiledPipeline | null {
  const deploys = pipeline.jobs.filter((job) => job.deploy !== null);
  const own = deploys.find((job) => job.deploy?.environment === environment);
  const how = own ?? deploys[0];
  if (!how?.deploy) return null;
  const { app, strategy } = how.deploy;
  const needed = new Set(neededBy(how, pipeline));
  const before = pipeline.jobs.filter((job) => needed.has(job.name) && !comesAfterDeploy(job, pipeline));
  if (!before.some((job) => job.artifacts.some((artifact) => artifact.name === app.artifact))) return null;
  const deploy: JobSpec = {
    ...how,
    name: own ? own.name : `deploy ${environment}`,
    needs: before.map((job) => job.name),
    deploy: { environment, strategy, app },
  };
  return { ...pipeline, jobs: [...before, deploy] };
}

const needsIn =
  ({ jobs }: CompiledPipeline) =>
  (name: string): readonly string[] =>
    jobs.find((job) => job.name === name)?.needs ?? [];

const neededBy = (job: JobSpec, pipeline: CompiledPipeline): string[] => reachable(job.name, needsIn(pipeline));

function comesAfterDeploy(job: JobSpec, pipeline: CompiledPipeline): boolean {
  const names = new Set([job.name, ...neededBy(job, pipeline)]);
  return pipeline.jobs.some((other) => other.kind === 'deploy' && names.has(other.name));
}
