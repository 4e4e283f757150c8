import { applicationUrl } from '../../domain/addresses.ts';
import type { RunJobFragment } from '../../generated/graphql.ts';

type DeployJob = Pick<RunJobFragment, 'deployment' | 'environmentName'>;
export type LiveApplication = { environment: string; url: string };

/** The application that a deploy job brought to its environment, as long as that is what serves there. */
export function liveApplication({ deployment, environmentName }: DeployJob): LiveApplication | null {
  const { port, release } = deployment?.environment ?? {};
  if (!deployment || !environmentName || !port || release?.id !== deployment.release.id) return null;
  return { environment: environmentName, url: applicationUrl(port) };
}

export function liveApplications(jobs: readonly DeployJob[]): LiveApplication[] {
  return jobs.flatMap((job) => liveApplication(job) ?? []);
}
