import type { WayOut } from '../ui/NotFound.tsx';

type InRepository = { project: string; repository: string };

/** Names of branches and tags have slashes, which stay as they are; anything else that an address would take for its own is written in %. */
const path = (name: string) => name.split('/').map(encodeURIComponent).join('/');
const within = ({ project, repository }: InRepository) => `/projects/${project}/${repository}`;

/** Where things live on the page; every link is made here. */
export const addressOf = {
  project: (project: string) => `/projects/${project}`,
  run: (run: { number: number; repository: { name: string }; project: { name: string } }) =>
    `/projects/${run.project.name}/${run.repository.name}/runs/${run.number}`,
  job: (job: { id: string }) => `/jobs/${job.id}`,
  environment: (project: string, name: string) => `/projects/${project}/environments/${name}`,
  branches: (project: string, repository?: string) => `/projects/${project}/branches${repository ? `?repository=${repository}` : ''}`,
  pullRequests: (project: string, repository?: string) =>
    `/projects/${project}/pull-requests${repository ? `?repository=${repository}` : ''}`,
  pullRequest: (at: InRepository, number: number) => `${within(at)}/pull-requests/${number}`,
  commits: (at: InRepository, ref: string) => `${within(at)}/commits/${path(ref)}`,
  compare: (at: InRepository, base: string, head: string) => `${within(at)}/compare/${path(base)}...${path(head)}`,
  /** With the two still to be chosen. */
  compareAny: (at: InRepository) => `${within(at)}/compare`,
  pushes: (project: string, repository?: string) => `/projects/${project}?view=pushes${repository ? `&repository=${repository}` : ''}`,
  addRepository: (project: string, kind?: 'EXTERNAL') =>
    `/projects/${project}/settings/add-repository${kind ? `?kind=${kind.toLowerCase()}` : ''}`,
  repositorySettings: (project: string, repository: string) => `/projects/${project}/${repository}/settings`,
  branchRules: (project: string, repository: string) => `${addressOf.repositorySettings(project, repository)}#branch-rules`,
  deliveries: (project: string, repository: string) => `/projects/${project}/${repository}/deliveries`,
  delivery: (project: string, repository: string, id: string) => `/projects/${project}/${repository}/deliveries/${id}`,
  deployment: (deployment: { id: string }) => `/deployments/${deployment.id}`,
};

/** For pages of what is not there, or not for this person. */
export const TO_PROJECTS: WayOut = { to: '/projects', name: 'Go to the projects' };

/** The running application, on the host that the browser used for this page. */
export function applicationUrl(port: number): string {
  return `http://${window.location.hostname}:${port}/`;
}
