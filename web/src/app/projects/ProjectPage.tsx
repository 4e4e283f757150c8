import { useQuery } from '@apollo/client/react';
import { Outlet, useParams } from 'react-router';
import { PageReadFailed } from '../../api/ReadFailed.tsx';
import { useLive } from '../../api/use-live.ts';
import { TO_PROJECTS } from '../../domain/addresses.ts';
import { ProjectActivityDocument, ProjectFrameDocument } from '../../generated/graphql.ts';
import { RunPipelineButton } from '../../source/repositories/RunPipelineButton.tsx';
import { StaleMirrors } from '../../source/repositories/StaleMirrors.tsx';
import { NotFound } from '../../ui/NotFound.tsx';
import { Page } from '../../ui/Page.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import { TabLinks } from '../../ui/TabLinks.tsx';

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
