import { useEffect, useSyncExternalStore } from 'react';
import { shorten } from './shorten.ts';

export type Crumb = { name: string; to: string | null };

let told: { path: string; crumbs: Crumb[] } | null = null;
const listeners = new Set<() => void>();

function tell(next: typeof told): void {
  told = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Sets the breadcrumbs for pages whose address does not contain them. */
export function usePageCrumbs(path: string, crumbs: Crumb[] | null): void {
  const key = crumbs?.map((crumb) => `${crumb.name} ${crumb.to}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: key stands for crumbs
  useEffect(() => {
    if (crumbs) tell({ path, crumbs });
  }, [path, key]);
}

export function useCrumbs(path: string): Crumb[] {
  const page = useSyncExternalStore(subscribe, () => told);
  return page?.path === path ? page.crumbs : crumbsOfPath(path);
}

const NAMES: Record<string, string> = {
  projects: 'Projects',
  environments: 'Environments',
  activity: 'Activity',
  agents: 'Agents',
  'set-aside': 'Set aside',
  account: 'Account',
  branches: 'Branches',
  'pull-requests': 'Pull requests',
  settings: 'Settings',
};

type WayTo = (project: string, repository: string, rest: string, path: string) => Crumb[];

/** Pages about a repository, by the word after its name; each hangs under the tab that leads to it. */
const IN_REPOSITORY: Record<string, WayTo> = {
  commits: (project, repository, ref, path) => [branchesOf(project, repository), { name: ref ? `${ref}` : 'Commits', to: path }],
  pushed: (project, repository, sha, path) => [branchesOf(project, repository), { name: `Push of ${shorten(sha, 7)}`, to: path }],
  compare: (project, repository, _, path) => [branchesOf(project, repository), { name: 'Compare', to: path }],
  'pull-requests': (project, repository, number, path) => [
    { name: 'Pull requests', to: `${project}/pull-requests?repository=${repository}` },
    { name: `${repository} #${number}`, to: path },
  ],
};

const branchesOf = (project: string, repository: string): Crumb => ({
  name: `${repository} branches`,
  to: `${project}/branches?repository=${repository}`,
});

/** A repository's settings are its page; its deliveries stand below. */
function repositoryCrumbs(path: string, [project, repository = '', part, id]: (string | undefined)[]): Crumb[] {
  const base = `/projects/${project}/${repository}`;
  const crumbs = [{ name: repository, to: `${base}/settings` }];
  if (part === 'deliveries') crumbs.push({ name: 'Deliveries', to: `${base}/deliveries` });
  if (id) crumbs.push({ name: shorten(id, 8), to: path });
  return crumbs;
}

function crumbsOfPath(path: string): Crumb[] {
  const parts = path.split('/').filter(Boolean).map(decodeURIComponent);
  if (parts.length === 0) return [{ name: 'Projects', to: '/projects' }];
  const [first = '', project, third, fourth, ...rest] = parts;
  if (first !== 'projects') {
    const below = project && NAMES[project] ? [{ name: NAMES[project], to: path }] : [];
    return [{ name: NAMES[first] ?? first, to: NAMES[first] ? `/${first}` : null }, ...below];
  }
  const crumbs: Crumb[] = [{ name: 'Projects', to: '/projects' }];
  if (project) crumbs.push({ name: project, to: `/projects/${project}` });
  if (fourth === 'runs') crumbs.push({ name: `${third} #${rest[0]}`, to: path });
  else if (third === 'environments' && fourth)
    crumbs.push({ name: 'Environments', to: `/projects/${project}/environments` }, { name: fourth, to: path });
  else if (third && fourth && IN_REPOSITORY[fourth])
    crumbs.push(...IN_REPOSITORY[fourth](`/projects/${project}`, third, rest.join('/'), path));
  else if (fourth && third === 'settings')
    crumbs.push({ name: 'Settings', to: `/projects/${project}/settings` }, { name: 'Add a repository', to: path });
  else if (fourth === 'settings' || fourth === 'deliveries') crumbs.push(...repositoryCrumbs(path, [project, third, fourth, rest[0]]));
  else if (third) crumbs.push({ name: NAMES[third] ?? third, to: path });
  return crumbs;
}
