import { useQuery } from '@apollo/client/react';
import { Outlet, useOutletContext, useParams } from 'react-router';
import { useLive } from '../../api/use-live.ts';
import { ProjectActivityDocument, ProjectFrameDocument, type ProjectFrameQuery } from '../../generated/graphql.ts';
import { NotFound } from '../../ui/NotFound.tsx';
import { Page } from '../../ui/Page.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import { TabLinks } from '../../ui/TabLinks.tsx';
import { StaleMirrors } from '../repositories/StaleMirrors.tsx';
import { PageReadFailed, TO_PROJECTS } from '../states/ReadFailed.tsx';
import { RunPipelineButton } from './RunPipelineButton.tsx';

export type FrameProject = NonNullable<ProjectFrameQuery['project']>;

export function ProjectPage() {
  const { project: name = '' } = useParams();
  const { data, error, refetch } = useQuery(ProjectFrameDocument, { variables: { name } });
  const project = data?.project;
  useLive(ProjectActivityDocument, project ? { project: name } : null);
  if (error && !project)
    return <PageReadFailed title="This project can’t be shown" error={error} onRetry={() => void refetch()} way={TO_PROJECTS} />;
  if (data && !project)
    return (
      <NotFound title={`There is no project “${name}”`} way={TO_PROJECTS}>
        Check the name, or ask for access to it: Projects lists those that you may see.
      </NotFound>
    );
  return (
    <Page title={name} actions={project ? <RunPipelineButton project={project} /> : null}>
      {project ? (
        <>
          <TabLinks
            label="Parts of the project"
            tabs={[
              { to: `/projects/${name}`, name: 'Activity', end: true },
              { to: `/projects/${name}/branches`, name: 'Branches' },
              { to: `/projects/${name}/pull-requests`, name: 'Pull requests' },
              { to: `/projects/${name}/environments`, name: 'Environments' },
              { to: `/projects/${name}/settings`, name: 'Settings' },
            ]}
          />
          <StaleMirrors project={name} repositories={project.repositories} />
          <Outlet context={project} />
        </>
      ) : (
        <RowsSkeleton rows={8} label="Loading the project" />
      )}
    </Page>
  );
}

/** The project whose tab this is. */
export function useFrameProject(): FrameProject {
  return useOutletContext<FrameProject>();
}
