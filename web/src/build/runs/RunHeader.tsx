import { Button } from '@mantine/core';
import { IconExternalLink, IconGitBranch, IconGitPullRequest, IconPlayerPlay, IconRefresh, IconSquare, IconTag } from '@tabler/icons-react';
import { Link, useNavigate } from 'react-router';
import { useAction } from '../../api/use-action.ts';
import { addressOf } from '../../domain/addresses.ts';
import { isJobFailed, isRunOver } from '../../domain/looks.ts';
import { RunBadge } from '../../domain/StateBadges.tsx';
import {
  CancelRunDocument,
  type JobState,
  RetryJobDocument,
  RunAgainDocument,
  type RunDetailsFragment,
  type RunJobFragment,
  type RunTrigger,
} from '../../generated/graphql.ts';
import { ErrorNote } from '../../ui/ErrorPanel.tsx';
import { Sha } from '../../ui/Sha.tsx';
import { Tag } from '../../ui/Tag.tsx';
import { Time } from '../../ui/Time.tsx';
import { liveApplications } from './live-applications.ts';
import { RunOrigin } from './RunOrigin.tsx';
import css from './RunPage.module.css';
import { RunTime } from './RunTime.tsx';
import { searchOfJob } from './use-shown-job.ts';

export function RunFacts({ run }: { run: RunDetailsFragment }) {
  return (
    <>
      <RunBadge run={run} size="large" />
      <span>
        {run.repository.name} #{run.number}
      </span>
      <RunSource run={run} />
      <Sha sha={run.headSha} />
      <RunOrigin run={run} />
      <Time at={run.createdAt} />
      <RunTime run={run} expected />
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
/** Runs of a commit; a deployment is made again from its environment. */
const AGAIN = new Set<RunTrigger>(['PUSH', 'PULL_REQUEST', 'MANUAL']);

/**
 * Cancel while it runs; afterwards retry of the chosen job (or the first that failed), running everything again, and the link to the application.
 * Only what the viewer may do. A newly started run opens its own page.
 */
export function RunActions({ run, chosen }: { run: RunDetailsFragment; chosen: RunJobFragment | null }) {
  const navigate = useNavigate();
  const cancel = useAction(CancelRunDocument);
  const retry = useAction(RetryJobDocument);
  const again = useAction(RunAgainDocument);
  const may = (permission: string) => run.project.permissions.includes(permission);
  const over = isRunOver(run.state);
  const current = run.jobs.find((job) => job.id === chosen?.id);
  const toRetry = current && RETRIABLE.has(current.state) ? current : run.jobs.find((job) => isJobFailed(job.state));
  const onRetry = async (job: RunJobFragment) => {
    if (await retry.run({ id: job.id })) navigate({ search: searchOfJob(job.name) });
  };
  const onAgain = async () => {
    const result = await again.run({ id: run.id });
    if (result) navigate(addressOf.run(result.runAgain));
  };
  return (
    <>
      <ErrorNote message={cancel.error ?? retry.error ?? again.error} />
      {toRetry && may('job.retry') ? (
        <Button variant="default" leftSection={<IconRefresh size={16} />} loading={retry.busy} onClick={() => void onRetry(toRetry)}>
          <span className={css.action} title={toRetry.name}>
            Retry {toRetry.name}
          </span>
        </Button>
      ) : null}
      {over && AGAIN.has(run.trigger) && run.state !== 'INVALID' && may('run.trigger') ? (
        <Button variant="default" leftSection={<IconPlayerPlay size={16} />} loading={again.busy} onClick={() => void onAgain()}>
          Run again
        </Button>
      ) : null}
      {!over && may('run.cancel') ? (
        <Button
          variant="default"
          leftSection={<IconSquare size={14} />}
          loading={cancel.busy}
          onClick={() => void cancel.run({ id: run.id })}
        >
          Cancel run
        </Button>
      ) : null}
      {liveApplications(run.jobs).map(({ environment, url }) => (
        <Button
          key={environment}
          component="a"
          href={url}
          target="_blank"
          rel="noreferrer"
          title={url}
          leftSection={<IconExternalLink size={16} />}
        >
          Open {environment}
        </Button>
      ))}
    </>
  );
}
