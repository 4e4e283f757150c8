import { useEffect, useSyncExternalStore } from 'react';

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

/** The way to this page, for pages whose address does not say it. */
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
  account: 'Account',
  branches: 'Branches',
  settings: 'Settings',
};

/** A repository's settings are its page; its deliveries stand below. */
function repositoryCrumbs(path: string, [project, repository = '', part, id]: (string | undefined)[]): Crumb[] {
  const base = `/projects/${project}/${repository}`;
  const crumbs = [{ name: repository, to: `${base}/settings` }];
  if (part === 'deliveries') crumbs.push({ name: 'Deliveries', to: `${base}/deliveries` });
  if (id) crumbs.push({ name: id.slice(0, 8), to: path });
  return crumbs;
}

function crumbsOfPath(path: string): Crumb[] {
  const parts = path.split('/').filter(Boolean).map(decodeURIComponent);
  if (parts.length === 0) return [{ name: 'Projects', to: '/projects' }];
  const [first = '', project, third, fourth, fifth] = parts;
  if (first !== 'projects') return [{ name: NAMES[first] ?? first, to: NAMES[first] ? `/${first}` : null }];
  const crumbs: Crumb[] = [{ name: 'Projects', to: '/projects' }];
  if (project) crumbs.push({ name: project, to: `/projects/${project}` });
  if (fourth === 'runs') crumbs.push({ name: `${third} #${fifth}`, to: path });
  else if (third === 'environments' && fourth)
    crumbs.push({ name: 'Environments', to: `/projects/${project}/environments` }, { name: fourth, to: path });
  else if (fourth && third === 'settings')
    crumbs.push({ name: 'Settings', to: `/projects/${project}/settings` }, { name: 'Add a repository', to: path });
  else if (fourth === 'settings' || fourth === 'deliveries') crumbs.push(...repositoryCrumbs(path, [project, third, fourth, fifth]));
  else if (third) crumbs.push({ name: NAMES[third] ?? third, to: path });
  return crumbs;
}
