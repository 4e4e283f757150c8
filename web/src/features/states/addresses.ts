/** Where things live on the page; every link is made here. */
export const addressOf = {
  project: (project: string) => `/projects/${project}`,
  run: (run: { number: number; repository: { name: string }; project: { name: string } }) =>
    `/projects/${run.project.name}/${run.repository.name}/runs/${run.number}`,
  job: (job: { id: string }) => `/jobs/${job.id}`,
  environment: (project: string, name: string) => `/projects/${project}/environments/${name}`,
  addRepository: (project: string, kind?: 'external') => `/projects/${project}/settings/add-repository${kind ? `?kind=${kind}` : ''}`,
  repositorySettings: (project: string, repository: string) => `/projects/${project}/${repository}/settings`,
  deliveries: (project: string, repository: string) => `/projects/${project}/${repository}/deliveries`,
  delivery: (project: string, repository: string, id: string) => `/projects/${project}/${repository}/deliveries/${id}`,
  deployment: (deployment: { id: string }) => `/deployments/${deployment.id}`,
};

/** The running application, on the host that the browser used for this page. */
export function applicationUrl(port: number): string {
  return `http://${window.location.hostname}:${port}/`;
}
