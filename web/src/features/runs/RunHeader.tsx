import { Button } from '@mantine/core';
import { IconGitBranch, IconRefresh, IconSquare } from '@tabler/icons-react';
import { useAction } from '../../api/use-action.ts';
import { CancelRunDocument, RetryJobDocument, type RunDetailsFragment, type RunJobFragment } from '../../generated/graphql.ts';
import { ErrorNote } from '../../ui/ErrorPanel.tsx';
import { formatDuration } from '../../ui/format.ts';
import { Sha } from '../../ui/Sha.tsx';
import { Elapsed, Time } from '../../ui/Time.tsx';
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
      <span>
        <IconGitBranch size={14} style={{ verticalAlign: -2 }} aria-hidden="true" /> {run.branch}
      </span>
      <Sha sha={run.commitSha} />
      <span>{run.commit ? `${run.commit.authorName}, ${triggerWords(run)}` : triggerWords(run)}</span>
      <Time at={run.createdAt} />
      <span>
        <Elapsed from={run.startedAt} to={run.finishedAt} />
        {run.expectedMs && !isRunOver(run.state) ? `of ~${formatDuration(run.expectedMs)} expected` : null}
      </span>
    </>
  );
}

const RETRIABLE = new Set(['failed', 'timed_out', 'cancelled']);

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
