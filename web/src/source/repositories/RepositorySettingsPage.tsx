import { useAnnounceChange } from '../../ui/announce.ts';
import { Page } from '../../ui/Page.tsx';
import { BranchRules } from '../branches/BranchRules.tsx';
import { ConnectionPanel } from './ConnectionPanel.tsx';
import { DeployKeyPanel } from './DeployKeyPanel.tsx';
import { FetchButton } from './FetchButton.tsx';
import { HostedPanel } from './HostedPanel.tsx';
import { HostKeyPanel } from './HostKeyPanel.tsx';
import { HOST_NAME } from './host-words.ts';
import { MirrorBadge, mirrorLook } from './MirrorBadge.tsx';
import { MirrorTrouble } from './MirrorTrouble.tsx';
import { RepositoryFrame } from './RepositoryFrame.tsx';
import { waitsForKey } from './stale.ts';
import { type ExternalProps, type PageRepository, usePageRepository } from './use-repository.ts';
import { WebhookPanel } from './WebhookPanel.tsx';

export function RepositorySettingsPage() {
  const read = usePageRepository();
  return (
    <RepositoryFrame read={read}>{(repository) => <RepositorySettings project={read.project} repository={repository} />}</RepositoryFrame>
  );
}

function RepositorySettings({ project, repository }: { project: string; repository: PageRepository }) {
  const { connection } = repository;
  useAnnounceChange(connection ? `The mirror of ${repository.name} is ${mirrorLook(connection).word.toLowerCase()}` : null);
  return (
    <Page
      title={`${repository.name} · ${project}`}
      heading={<h1>{repository.name}</h1>}
      facts={
        <>
          {connection ? <MirrorBadge mirror={connection} size="large" /> : null}
          <span>{repository.host ? `mirror of a repository at ${HOST_NAME[repository.host]}` : 'hosted here'}</span>
        </>
      }
      actions={connection && !waitsForKey(connection) ? <FetchButton repository={repository} /> : null}
    >
      {connection ? (
        <External project={project} repository={repository} connection={connection} />
      ) : (
        <HostedPanel project={project} repository={repository} />
      )}
      <BranchRules repositoryId={repository.id} />
    </Page>
  );
}

/** What needs attention comes first: a new key to add, another host key, a host that fails. */
function External(props: ExternalProps) {
  const { connection } = props;
  const needsKey = waitsForKey(connection);
  return (
    <>
      {connection.offeredHostKey ? <HostKeyPanel {...props} offered={connection.offeredHostKey} /> : null}
      {needsKey ? <DeployKeyPanel {...props} /> : null}
      {connection.offeredHostKey || needsKey ? null : <MirrorTrouble mirror={connection} />}
      <ConnectionPanel {...props} />
      <WebhookPanel {...props} />
    </>
  );
}
