import type { RouteObject } from 'react-router';
import { createBrowserRouter, createMemoryRouter } from 'react-router';
import { loadPart } from '../api/load-part.ts';
import { NotFoundPage, PageFailed } from './fallbacks.tsx';
import { Frame } from './frame/Frame.tsx';

/** Every page is its own file, loaded when it is first gone to. */
export const routes: RouteObject[] = [
  {
    path: '/sign-in',
    errorElement: <PageFailed />,
    lazy: async () => ({ Component: (await loadPart(() => import('../people/access/SignInPage.tsx'))).SignInPage }),
    HydrateFallback: () => null,
  },
  {
    path: '/',
    Component: Frame,
    errorElement: <PageFailed />,
    HydrateFallback: () => null,
    children: [
      {
        // If a page fails, only the page is replaced: the frame stays.
        errorElement: <PageFailed />,
        children: [
          {
            index: true,
            lazy: async () => ({ Component: (await loadPart(() => import('./projects/ProjectsPage.tsx'))).ProjectsPage }),
          },
          {
            path: 'projects',
            lazy: async () => ({ Component: (await loadPart(() => import('./projects/ProjectsPage.tsx'))).ProjectsPage }),
          },
          {
            path: 'projects/:project',
            lazy: async () => ({ Component: (await loadPart(() => import('./projects/ProjectPage.tsx'))).ProjectPage }),
            children: [
              {
                index: true,
                lazy: async () => ({ Component: (await loadPart(() => import('./projects/ActivityTab.tsx'))).ActivityTab }),
              },
              {
                path: 'branches',
                lazy: async () => ({ Component: (await loadPart(() => import('../source/branches/BranchesTab.tsx'))).BranchesTab }),
              },
              {
                path: 'pull-requests',
                lazy: async () => ({
                  Component: (await loadPart(() => import('../source/pull-requests/PullRequestsTab.tsx'))).PullRequestsTab,
                }),
              },
              {
                path: 'environments',
                lazy: async () => ({
                  Component: (await loadPart(() => import('../deliver/environments/EnvironmentsTab.tsx'))).EnvironmentsTab,
                }),
              },
              {
                path: 'settings',
                lazy: async () => ({ Component: (await loadPart(() => import('./projects/SettingsTab.tsx'))).SettingsTab }),
              },
            ],
          },
          {
            path: 'projects/:project/:repository/runs/:number',
            lazy: async () => ({ Component: (await loadPart(() => import('../build/runs/RunPage.tsx'))).RunPage }),
          },
          {
            path: 'projects/:project/:repository/commits/*',
            lazy: async () => ({ Component: (await loadPart(() => import('../source/commits/CommitsPage.tsx'))).CommitsPage }),
          },
          {
            path: 'projects/:project/:repository/pushed/:sha',
            lazy: async () => ({ Component: (await loadPart(() => import('../source/commits/PushedPage.tsx'))).PushedPage }),
          },
          {
            path: 'projects/:project/:repository/compare/*',
            lazy: async () => ({ Component: (await loadPart(() => import('../source/commits/ComparePage.tsx'))).ComparePage }),
          },
          {
            path: 'projects/:project/:repository/pull-requests/:number',
            lazy: async () => ({
              Component: (await loadPart(() => import('../source/pull-requests/PullRequestPage.tsx'))).PullRequestPage,
            }),
          },
          {
            path: 'projects/:project/settings/add-repository',
            lazy: async () => ({
              Component: (await loadPart(() => import('../source/repositories/AddRepositoryPage.tsx'))).AddRepositoryPage,
            }),
          },
          {
            path: 'projects/:project/:repository/settings',
            lazy: async () => ({
              Component: (await loadPart(() => import('../source/repositories/RepositorySettingsPage.tsx'))).RepositorySettingsPage,
            }),
          },
          {
            path: 'projects/:project/:repository/deliveries',
            lazy: async () => ({ Component: (await loadPart(() => import('../source/repositories/DeliveriesPage.tsx'))).DeliveriesPage }),
          },
          {
            path: 'projects/:project/:repository/deliveries/:id',
            lazy: async () => ({ Component: (await loadPart(() => import('../source/repositories/DeliveryPage.tsx'))).DeliveryPage }),
          },
          {
            path: 'projects/:project/environments/:name',
            lazy: async () => ({
              Component: (await loadPart(() => import('../deliver/environments/EnvironmentPage.tsx'))).EnvironmentPage,
            }),
          },
          {
            path: 'runs/:id',
            lazy: async () => ({ Component: (await loadPart(() => import('../build/runs/RunAddress.tsx'))).RunAddress }),
          },
          { path: 'jobs/:id', lazy: async () => ({ Component: (await loadPart(() => import('../build/jobs/JobPage.tsx'))).JobPage }) },
          {
            path: 'deployments/:id',
            lazy: async () => ({ Component: (await loadPart(() => import('../deliver/deployments/DeploymentPage.tsx'))).DeploymentPage }),
          },
          {
            path: 'environments',
            lazy: async () => ({
              Component: (await loadPart(() => import('../deliver/environments/EnvironmentsPage.tsx'))).EnvironmentsPage,
            }),
          },
          {
            path: 'activity',
            lazy: async () => ({ Component: (await loadPart(() => import('../build/runs/ActivityPage.tsx'))).ActivityPage }),
          },
          {
            path: 'agents',
            lazy: async () => ({ Component: (await loadPart(() => import('./AgentsRoute.tsx'))).AgentsRoute }),
          },
          {
            path: 'account',
            lazy: async () => ({ Component: (await loadPart(() => import('../people/access/AccountPage.tsx'))).AccountPage }),
          },
          {
            path: 'agents/set-aside',
            lazy: async () => ({ Component: (await loadPart(() => import('../observe/dead-letters/SetAsidePage.tsx'))).SetAsidePage }),
          },
          { path: '*', Component: NotFoundPage },
        ],
      },
    ],
  },
];

export const createRouter = () => createBrowserRouter(routes);
export const createTestRouter = (address: string) => createMemoryRouter(routes, { initialEntries: [address] });
