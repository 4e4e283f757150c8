import { useQuery } from '@apollo/client/react';
import { ReadFailed } from '../../api/ReadFailed.tsx';
import { ProjectEnvironmentsDocument } from '../../generated/graphql.ts';
import { useFrameProject } from '../../source/repositories/frame-project.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import { CreateEnvironmentButton } from './CreateEnvironmentButton.tsx';
import { EnvironmentList } from './EnvironmentList.tsx';

export function EnvironmentsTab() {
  const project = useFrameProject();
  const { data, error, refetch } = useQuery(ProjectEnvironmentsDocument, { variables: { name: project.name } });
  const environments = data?.project?.environments;
  const create = <CreateEnvironmentButton project={project.name} />;
  return (
    <Panel title="Environments" actions={environments && environments.length > 0 ? create : null} flush>
      {error && !environments ? <ReadFailed title="The environments can’t be read" error={error} onRetry={() => void refetch()} /> : null}
      {!environments && !error ? <RowsSkeleton rows={4} /> : null}
      {environments?.length === 0 ? (
        <EmptyState title="No environments yet" action={create}>
          An environment is a place where a release runs: development, staging, production. A deploy job makes the one it names, or make it
          here first.
        </EmptyState>
      ) : null}
      {environments && environments.length > 0 ? <EnvironmentList environments={environments} /> : null}
    </Panel>
  );
}
