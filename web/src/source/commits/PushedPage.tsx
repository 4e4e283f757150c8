import { useQuery } from '@apollo/client/react';
import { Navigate, useParams } from 'react-router';
import { ReadFailed } from '../../api/ReadFailed.tsx';
import { useReadAgain } from '../../api/use-read-again.ts';
import { addressOf } from '../../domain/addresses.ts';
import { PushedDocument } from '../../generated/graphql.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { NothingHere } from '../../ui/NotFound.tsx';
import { Page } from '../../ui/Page.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Sha } from '../../ui/Sha.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import { RepositoryShell } from '../branches/RepositoryShell.tsx';
import { useRepositoryNews } from '../branches/use-repository-news.ts';
import { PushRow } from './PushRow.tsx';

const WHOLE_SHA = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

/** The page that `git push` links to: waits until the push has been processed and goes on to its run, or says why there is none. */
export function PushedPage() {
  const { project = '', repository = '', sha = '' } = useParams();
  return (
    <Page
      title={`Push to ${repository}`}
      heading={
        <h1>
          Push of <Sha sha={sha} /> to {repository}
        </h1>
      }
    >
      {WHOLE_SHA.test(sha) ? (
        <RepositoryShell project={project} repository={repository}>
          {({ id }) => <Pushed repositoryId={id} variables={{ project, repository, sha }} />}
        </RepositoryShell>
      ) : (
        <NothingHere title="This link is incomplete" way={{ to: addressOf.pushes(project, repository), name: 'See the pushes' }}>
          A whole one ends in the commit’s full sha, as “git push” printed it.
        </NothingHere>
      )}
    </Page>
  );
}

type Variables = { project: string; repository: string; sha: string };

function Pushed({ repositoryId, variables }: { repositoryId: string; variables: Variables }) {
  const { data, error, refetch } = useQuery(PushedDocument, { variables, fetchPolicy: 'cache-and-network' });
  useRepositoryNews(repositoryId, useReadAgain(PushedDocument, variables));
  const pushes = data?.project?.repository?.pushes.edges.map(({ node }) => node);
  const [run, ...otherRuns] = pushes?.flatMap((push) => push.run ?? []) ?? [];
  if (run && otherRuns.length === 0) return <Navigate to={addressOf.run(run)} replace />;
  if (error && !pushes) {
    return <ReadFailed title="The push can’t be read" error={error} onRetry={() => void refetch()} />;
  }
  if (!pushes) return <RowsSkeleton rows={2} label="Loading the push" />;
  if (pushes.length === 0) return <BeingRead />;
  return (
    <Panel flush>
      <ul>
        {pushes.map((push) => (
          <PushRow key={push.id} push={push} at={variables} />
        ))}
      </ul>
    </Panel>
  );
}

function BeingRead() {
  return (
    <div role="status">
      <EmptyState title="The push is being read">
        This page goes on to the run by itself. If nothing happens within a minute, the push was refused, as “git push” then says, or the
        commit was pushed to another repository.
      </EmptyState>
    </div>
  );
}
