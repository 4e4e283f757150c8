import { deploys } from '@slipway/protocol';
import { reachable } from './needs-graph.js';
import type { CompiledPipeline, JobSpec, TestType } from './pipeline.js';

/** Pure. The pipeline with the test jobs of one type and all that they need, directly or not; null: it has no such tests. */
export function onlyTests(pipeline: CompiledPipeline, type: TestType): CompiledPipeline | null {
  const tests = pipeline.jobs.filter((job) => job.kind === 'test' && job.testType === type);
  if (tests.length === 0) return null;
  const wanted = new Set([...tests.map((job) => job.name), ...neededBy(tests, pipeline)]);
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
  const needed = new Set(neededBy([how], pipeline));
  const comesAfterDeploy = afterDeploy(pipeline);
  const before = pipeline.jobs.filter((job) => needed.has(job.name) && !comesAfterDeploy(job.name));
  if (!before.some((job) => job.artifacts.some((artifact) => artifact.name === app.artifact))) return null;
  const deploy: JobSpec = {
    ...how,
    name: own ? own.name : `deploy ${environment}`,
    needs: before.map((job) => job.name),
    deploy: { environment, strategy, app },
  };
  return { ...pipeline, jobs: [...before, deploy] };
}

/** What any of these jobs needs, directly or not. */
function neededBy(jobs: readonly JobSpec[], pipeline: CompiledPipeline): string[] {
  const byName = jobsByName(pipeline);
  return reachable(
    jobs.flatMap((job) => job.needs),
    (name) => byName.get(name)?.needs ?? [],
  );
}

/** Whether a job is a deploy job, or needs one, directly or not. Each job is looked at once. */
function afterDeploy(pipeline: CompiledPipeline): (name: string) => boolean {
  const byName = jobsByName(pipeline);
  const known = new Map<string, boolean>();
  const isAfter = (name: string): boolean => {
    const job = byName.get(name);
    const answer = known.get(name) ?? (job !== undefined && (deploys(job) || job.needs.some(isAfter)));
    known.set(name, answer);
    return answer;
  };
  return isAfter;
}

const jobsByName = ({ jobs }: CompiledPipeline): Map<string, JobSpec> => new Map(jobs.map((job) => [job.name, job]));
