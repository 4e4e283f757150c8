import { Button } from '@mantine/core';
import { IconGitBranch, IconGitPullRequest, IconRefresh, IconSquare, IconTag } from '@tabler/icons-react';
import { Link } from 'react-router';
import { useAction } from '../../api/use-action.ts';
import {
  CancelRunDocument,
  type JobState,
  RetryJobDocument,
  type RunDetailsFragment,
  type RunJobFragment,
} from '../../generated/graphql.ts';
import { ErrorNote } from '../../ui/ErrorPanel.tsx';
import { formatDuration } from '../../ui/format.ts';
import { Sha } from '../../ui/Sha.tsx';
import { Tag } from '../../ui/Tag.tsx';
import { Elapsed, Time } from '../../ui/Time.tsx';
import { addressOf } from '../states/addresses.ts';
import { isJobFailed, isRunOver } from '../states/looks.ts';
import { RunBadge } from '../states/StateBadges.tsx';
import { triggerWords } from './run-words.ts';

export function RunFacts({ run }: { run: RunDetailsFragment }) {
  return (
    <>
      <RunBadge run={run} size="large" />
      <span>
        {run.repository.name} #{run.number}
      </span>
      <RunSource run={run} />
      <Sha sha={run.headSha} />
      <span>{run.commit ? `${run.commit.authorName}, ${triggerWords(run)}` : triggerWords(run)}</span>
      <Time at={run.createdAt} />
      <span>
        <Elapsed from={run.startedAt} to={run.finishedAt} />
        {run.expectedMs && !isRunOver(run.state) ? `of ~${formatDuration(run.expectedMs)} expected` : null}
      </span>
    </>
  );
}

/** The branch, tag or pull request that it is of. */
function RunSource({ run }: { run: RunDetailsFragment }) {
  const isTag = run.ref.startsWith('refs/tags/');
  const Mark = isTag ? IconTag : IconGitBranch;
  const at = { project: run.project.name, repository: run.repository.name };
  return (
    <>
      {run.pullRequest ? (
        <Link to={addressOf.pullRequest(at, run.pullRequest.number)} title={run.pullRequest.title}>
          <IconGitPullRequest size={14} style={{ verticalAlign: -2 }} aria-hidden="true" /> Pull request #{run.pullRequest.number}
        </Link>
      ) : null}
      <span style={{ overflowWrap: 'anywhere' }}>
        <Mark size={14} style={{ verticalAlign: -2 }} aria-label={isTag ? 'Tag' : 'Branch'} />{' '}
        {run.trusted ? <Link to={addressOf.commits(at, run.branch)}>{run.branch}</Link> : run.branch}
      </span>
      {run.trusted ? null : <Tag title="A fork’s code: it gets no secret and deploys nothing">fork, no secrets</Tag>}
    </>
  );
}

const RETRIABLE = new Set<JobState>(['FAILED', 'TIMED_OUT', 'CANCELLED']);

/** Cancel while it goes on; retry of the chosen job, or of the first that failed, when one did. */
export function RunActions({ run, chosen }: { run: RunDetailsFragment; chosen: RunJobFragment | null }) {
  const cancel = useAction(CancelRunDocument);
  const retry = useAction(RetryJobDocument);
  const toRetry = chosen && RETRIABLE.has(chosen.state) ? chosen : run.jobs.find((job) => isJobFailed(job.state));
  return (
    <>
      <ErrorNote message={cancel.error ?? retry.error} />
      {toRetry ? (
        <Button
          variant="default"
          leftSection={<IconRefresh size={16} />}
          loading={retry.busy}
          onClick={() => void retry.run({ id: toRetry.id })}
        >
          Retry {toRetry.name}
        </Button>
      ) : null}
      {isRunOver(run.state) ? null : (
        <Button
          variant="default"
          leftSection={<IconSquare size={14} />}
          loading={cancel.busy}
          onClick={() => void cancel.run({ id: run.id })}
        >
          Cancel run
        </Button>
      )}
    </>
  );
}
