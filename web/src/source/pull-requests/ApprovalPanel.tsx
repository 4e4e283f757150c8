import { Button } from '@mantine/core';
import { IconCheck, IconHandStop } from '@tabler/icons-react';
import { useState } from 'react';
import { useAction } from '../../api/use-action.ts';
import { ApprovePullRequestDocument, type PullRequestDetailsFragment } from '../../generated/graphql.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { shorten } from '../../ui/shorten.ts';
import { Time } from '../../ui/Time.tsx';
import css from './pull-requests.module.css';

/** For code of a fork: that somebody has to look at it first, or who did. */
export function ApprovalPanel({ pullRequest }: { pullRequest: PullRequestDetailsFragment }) {
  // The commit that was on the page when the dialog was opened: a newer one must be reviewed first.
  const [asking, setAsking] = useState<string | null>(null);
  const { run, busy, error, reset } = useAction(ApprovePullRequestDocument);
  const short = shorten(pullRequest.headSha, 7);
  const close = () => {
    setAsking(null);
    reset();
  };
  if (pullRequest.approvedBy)
    return (
      <p className={css.approved}>
        <IconCheck size={16} aria-hidden="true" />
        <span>
          <strong>{pullRequest.approvedBy.name}</strong> approved commit <code>{short}</code>
          {pullRequest.approvedAt ? (
            <>
              {' '}
              <Time at={pullRequest.approvedAt} />
            </>
          ) : null}
          . It runs without secrets, and deploys nothing; another commit needs another approval.
        </span>
      </p>
    );
  if (!pullRequest.needsApproval) return null;
  return (
    <div className={css.approval}>
      <IconHandStop size={20} aria-hidden="true" />
      <div>
        <h2>Approval needed</h2>
        <p>
          This code comes from outside the project{pullRequest.sourceRepository ? `, from ${pullRequest.sourceRepository}` : ''}. Nothing of
          it runs until somebody has looked at commit <code>{short}</code> and approved it.
        </p>
      </div>
      <Button onClick={() => setAsking(pullRequest.headSha)}>Approve {short}…</Button>
      {asking ? (
        <FormDialog
          title={`Approve commit ${shorten(asking, 7)}`}
          action={`Run ${shorten(asking, 7)}`}
          busy={busy}
          error={error}
          onSubmit={() => void run({ id: pullRequest.id, headSha: asking }).then((done) => done && close())}
          onClose={close}
        >
          <p>
            This runs code from outside the project at commit <strong className="mono">{shorten(asking, 7)}</strong>, without secrets.
          </p>
          <p className="muted">
            Review all of it first, including build scripts, dependencies and the pipeline. It uses your agents’ time and their network.
            Deploy jobs are skipped. The approval is for this commit alone: <code style={{ overflowWrap: 'anywhere' }}>{asking}</code>
          </p>
        </FormDialog>
      ) : null}
    </div>
  );
}
