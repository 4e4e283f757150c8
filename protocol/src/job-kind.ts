/** An agent takes the kinds of jobs that its roles name. */
export const JOB_KINDS = ['build', 'test', 'deploy'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

const WORK: Record<JobKind, 'steps' | 'deployment'> = { build: 'steps', test: 'steps', deploy: 'deployment' };

/** Whether a job deploys a release to an environment; any other job runs steps in a sandbox. A pipeline may leave out the kind. */
export function deploys({ kind = 'build' }: { kind?: JobKind | undefined }): boolean {
  return WORK[kind] === 'deployment';
}
