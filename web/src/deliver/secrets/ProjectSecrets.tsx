import { useQuery } from '@apollo/client/react';
import { ReadFailed } from '../../api/ReadFailed.tsx';
import { ProjectSecretsDocument } from '../../generated/graphql.ts';
import { Panel } from '../../ui/Panel.tsx';
import pairs from '../../ui/pairs.module.css';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import { Secrets } from './Secrets.tsx';

/** Secrets for every job and environment of a project. */
export function ProjectSecrets({ project: name }: { project: string }) {
  const { data, error, refetch } = useQuery(ProjectSecretsDocument, { variables: { name } });
  const project = data?.project;
  return (
    <Panel title="Secrets" flush>
      {error && !project ? <ReadFailed title="The secrets can’t be read" error={error} onRetry={() => void refetch()} /> : null}
      {!project && !error ? <RowsSkeleton rows={2} label="Loading the secrets" /> : null}
      {project ? (
        <>
          <p className={pairs.note}>
            For every job and environment of the project. Where an environment has a secret of the same name, that one is used.
          </p>
          <Secrets owner={{ __typename: 'Project', id: project.id, name: project.name }} secrets={project.secrets} />
        </>
      ) : null}
    </Panel>
  );
}
