import { useQuery } from '@apollo/client/react';
import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { lazy, Suspense, useEffect } from 'react';
import { useSearchParams } from 'react-router';
import { loadPart } from '../../api/load-part.ts';
import { ReadFailed } from '../../api/ReadFailed.tsx';
import { useLive } from '../../api/use-live.ts';
import { useMore } from '../../api/use-more.ts';
import { ProjectActivityDocument, ProjectsDocument } from '../../generated/graphql.ts';
import { useGuide } from '../../source/repositories/use-guide.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { LoadMore } from '../../ui/LoadMore.tsx';
import { Page } from '../../ui/Page.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import { ProjectCard } from './ProjectCard.tsx';
import css from './projects.module.css';

const GuidedStart = lazy(async () => ({
  default: (await loadPart(() => import('../../source/repositories/GuidedStart.tsx'))).GuidedStart,
}));
const CreateProjectDialog = lazy(async () => ({
  default: (await loadPart(() => import('./CreateProjectDialog.tsx'))).CreateProjectDialog,
}));

export function ProjectsPage() {
  const { data, error, refetch, fetchMore } = useQuery(ProjectsDocument);
  const active = useLive(ProjectActivityDocument, ALL_PROJECTS)?.projectActivity.project.id;
  const [search, setSearch] = useSearchParams();
  const projects = data?.projects.edges.map((edge) => edge.node);
  const pageInfo = data?.projects.pageInfo;
  const more = useMore(() => fetchMore({ variables: { after: pageInfo?.endCursor } }));
  const isNew = active !== undefined && pageInfo?.hasNextPage === false && !projects?.some((project) => project.id === active);
  // A project created elsewhere: only the server knows its place in the list. An error shows in the query's own state.
  useEffect(() => {
    if (isNew) void refetch().catch(() => undefined);
  }, [isNew, refetch]);
  const only = projects?.length === 1 ? projects[0] : undefined;
  const guided = useGuide(only?.lastRun ? [only.lastRun] : undefined);
  const create = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setSearch('new')}>
      New project
    </Button>
  );
  return (
    <Page title="Projects" actions={projects && projects.length > 0 ? create : null}>
      <Suspense>{search.has('new') ? <CreateProjectDialog onClose={() => setSearch('')} /> : null}</Suspense>
      {error && !data ? <ReadFailed title="The projects can’t be read" error={error} onRetry={() => void refetch()} /> : null}
      {!projects && !error ? (
        <Panel flush>
          <RowsSkeleton rows={6} label="Loading the projects" />
        </Panel>
      ) : null}
      {projects?.length === 0 ? (
        <Panel flush>
          <EmptyState title="No projects yet" action={create}>
            A project holds the repositories of one product and the environments it is deployed to. Make one, push to it, and watch it run.
          </EmptyState>
        </Panel>
      ) : null}
      {projects && projects.length > 0 ? (
        <ul className={css.cards}>
          {projects.map((project) => (
            <ProjectCard key={project.id} project={project} />
          ))}
        </ul>
      ) : null}
      <Suspense>{guided && only?.lastRun ? <GuidedStart project={only.name} newest={only.lastRun} /> : null}</Suspense>
      {pageInfo?.hasNextPage ? <LoadMore {...more}>More projects</LoadMore> : null}
    </Page>
  );
}

const ALL_PROJECTS = { project: null };
