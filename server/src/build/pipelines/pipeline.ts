import type { JobKind } from '@slipway/protocol';

/** A pipeline as compiled at one commit: plain data, kept with the run as it was. Made by compilePipeline. */
export type CompiledPipeline = {
  /** `.slipway.yml`, or `package.json` when the repository has no pipeline of its own. */
  source: string;
  on: { push: EventFilter | null; pullRequest: EventFilter | null; manual: boolean };
  /** In the order of the file; `needs` name earlier or later jobs, never in a circle. */
  jobs: JobSpec[];
};

/**
 * Which events count. Patterns of names and paths as in file names: `*` stays within a slash, `**` does not; later ones win, one with `!`
 * takes out again; an empty list leaves nothing out. Of a pull request, `branches` are its base's.
 */
export type EventFilter = {
  branches: string[];
  branchesIgnore: string[];
  tags: string[];
  tagsIgnore: string[];
  paths: string[];
  pathsIgnore: string[];
};

export type JobSpec = {
  name: string;
  kind: JobKind;
  needs: string[];
  /** Pipeline-wide variables already merged in. */
  env: Record<string, string>;
  /** Names of the secrets that the job may see. */
  secrets: string[];
  steps: StepSpec[];
  artifacts: ArtifactSpec[];
  reports: { tests: string[] };
  timeoutMs: number;
  /** Never more than the agent allows; null: as much as it allows. Runs from before limits existed do not have it. */
  limits?: { cpuCores: number | null; memoryMib: number | null; processes: number | null; diskMib: number | null } | null;
  tags: string[];
  /** Only for kind test: which tests these are. */
  testType: TestType | null;
  /** Narrower than the pipeline's: for which of the events that start a run the job is needed. null: for all of them. */
  on: { push: EventFilter | null; pullRequest: EventFilter | null } | null;
  /** Only for kind deploy. */
  deploy: DeploySpec | null;
};

export type TestType = 'unit' | 'integration' | 'e2e';

export type StepSpec = {
  name: string;
  run: string;
  /** `bash`, `sh`, or a command line with `{0}` where the path of the script goes; null: bash where the agent has it. */
  shell: string | null;
  env: Record<string, string>;
  workingDirectory: string;
};
/** Paths are relative to the workspace; folders are taken whole, `*` and `**` work. */
export type ArtifactSpec = { name: string; paths: string[] };
export const STRATEGIES = ['recreate', 'blue-green'] as const;
export type Strategy = (typeof STRATEGIES)[number];
export type DeploySpec = { environment: string; strategy: Strategy; app: AppSpec };

/** How the application of a release is started and known to be well. */
export type AppSpec = {
  /** Name of the artifact that is the release; it must come from a job in the deploy job's `needs`, direct or not. */
  artifact: string;
  start: string;
  env: Record<string, string>;
  secrets: string[];
  health: {
    path: string;
    host?: string;
    intervalMs: number;
    timeoutMs: number;
    startupMs: number;
    healthyAfter: number;
    unhealthyAfter: number;
  };
  /** How long the new release must stay healthy after the switch before the deployment has succeeded. */
  minimumHealthyMs: number;
  drainMs: number;
  instances: number;
};

/** What is wrong with a pipeline, for people: where, what, and what to do. Lines and columns count from 1. */
export type PipelineProblem = { file: string; line: number | null; column: number | null; message: string; remedy: string };
