import { useQuery } from '@apollo/client/react';
import { IconExternalLink } from '@tabler/icons-react';
import { useParams } from 'react-router';
import { PageReadFailed } from '../../api/ReadFailed.tsx';
import { RunList } from '../../build/runs/RunList.tsx';
import { addressOf } from '../../domain/addresses.ts';
import { type PullRequestDetailsFragment, PullRequestPageDocument } from '../../generated/graphql.ts';
import { useAnnounceChange } from '../../ui/announce.ts';
import { NotFound } from '../../ui/NotFound.tsx';
import { Page } from '../../ui/Page.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RowsSkeleton, Skeleton } from '../../ui/Skeleton.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { Time } from '../../ui/Time.tsx';
import { useRepositoryNews } from '../branches/use-repository-news.ts';
import { ApprovalPanel } from './ApprovalPanel.tsx';
import { Conflicts } from './Conflicts.tsx';
import { PullRequestFacts } from './PullRequestFacts.tsx';
import { PULL_REQUEST_LOOK } from './pull-request-looks.ts';
import css from './pull-requests.module.css';

export function PullRequestPage() {
  const { project = '', repository = '', number = '' } = useParams();
  const at = { project, repository };
  const { data, error, refetch } = useQuery(PullRequestPageDocument, { variables: { ...at, number: Number(number) || 0 } });
  const found = data?.project?.repository;
  const wayOut = { to: addressOf.pullRequests(project, repository), name: 'See the pull requests' };
  const pullRequest = found?.pullRequest;
  useRepositoryNews(found?.id ?? null, () => void refetch());
  useAnnounceChange(pullRequest ? `Pull request ${pullRequest.number}: ${PULL_REQUEST_LOOK[pullRequest.state].word}` : null);
  if (pullRequest) return <PullRequestView pullRequest={pullRequest} at={at} />;
  if (error) return <PageReadFailed title="This pull request can’t be shown" error={error} onRetry={() => void refetch()} way={wayOut} />;
  if (data)
    return (
      <NotFound title={`There is no pull request ${number} in ${repository}`} way={wayOut}>
        Slipway may not have heard of it yet: it asks the host every few minutes, and at once when the webhook calls.
      </NotFound>
    );
  return (
    <Page title={`Pull request ${number}`} heading={<Skeleton width={320} height={24} />}>
      <RowsSkeleton rows={8} label="Loading the pull request" />
    </Page>
  );
}

function PullRequestView({ pullRequest, at }: { pullRequest: PullRequestDetailsFragment; at: { project: string; repository: string } }) {
  const { number, title, state, author, sourceBranch, sourceRepository, isFork, baseBranch } = pullRequest;
  return (
    <Page
      title={`${title} · #${number}`}
      heading={
        <h1>
          {title} <span className={css.number}>#{number}</span>
        </h1>
      }
      facts={
        <>
          <StateBadge look={PULL_REQUEST_LOOK[state]} size="large" />
          <span>{author}</span>
          <span className={css.branches}>
            {isFork ? `${sourceRepository ?? 'a fork that is gone'}: ` : ''}
            {sourceBranch} → {baseBranch}
          </span>
          <Time at={pullRequest.updatedAt} />
        </>
      }
      actions={
        pullRequest.url ? (
          <a href={pullRequest.url} target="_blank" rel="noreferrer" className={css.atHost}>
            At its host <IconExternalLink size={14} aria-hidden="true" />
          </a>
        ) : null
      }
    >
      <ApprovalPanel pullRequest={pullRequest} />
      <Conflicts pullRequest={pullRequest} />
      <PullRequestFacts pullRequest={pullRequest} at={at} />
      <Panel title="Runs" flush>
        {pullRequest.runs.length > 0 ? <RunList runs={pullRequest.runs} /> : <p className={css.noRun}>{whyNoRun(pullRequest)}</p>}
      </Panel>
    </Page>
  );
}

function whyNoRun(pullRequest: PullRequestDetailsFragment): string {
  if (pullRequest.noRunReason) return `No run. ${pullRequest.noRunReason}`;
  if (pullRequest.state !== 'OPEN') return 'Nothing ran for it while it was open.';
  if (pullRequest.needsApproval) return 'No run yet: its newest commit has to be approved first.';
  return 'No run yet. One starts for its next commit, if the pipeline names pull_request under “on”.';
}
