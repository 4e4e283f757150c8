import { IconGitFork } from '@tabler/icons-react';
import { Link } from 'react-router';
import { addressOf } from '../../domain/addresses.ts';
import { RunBadge } from '../../domain/StateBadges.tsx';
import type { PullRequestRowFragment } from '../../generated/graphql.ts';
import rows from '../../ui/rows.module.css';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { Tag } from '../../ui/Tag.tsx';
import { Time } from '../../ui/Time.tsx';
import { APPROVAL_NEEDED, MERGE_LOOK } from './pull-request-looks.ts';
import css from './pull-requests.module.css';

export function PullRequestRow({ pullRequest, at }: { pullRequest: PullRequestRowFragment; at: { project: string; repository: string } }) {
  const { number, title, author, isFork, sourceBranch, sourceRepository, baseBranch } = pullRequest;
  return (
    <Link to={addressOf.pullRequest(at, number)} className={rows.row} data-row>
      <span className={css.title} data-wide>
        <span className={css.number}>#{number}</span>
        <strong className={rows.clip} title={title}>
          {title}
        </strong>
        {isFork ? (
          <Tag title={sourceRepository ? `From the fork ${sourceRepository}` : 'From a fork'}>
            <IconGitFork size={12} aria-hidden="true" /> fork
          </Tag>
        ) : null}
      </span>
      <span className={`${rows.clip} muted ${css.way}`} title={`${sourceBranch} into ${baseBranch}`}>
        {sourceBranch} → {baseBranch}
      </span>
      <span className={`${rows.clip} muted`} title={author}>
        {author}
      </span>
      <Standing pullRequest={pullRequest} />
      <span className={css.run}>
        {pullRequest.lastRun ? <RunBadge run={pullRequest.lastRun} /> : <span className="muted">no run</span>}
      </span>
      <span className={rows.right}>
        <Time at={pullRequest.updatedAt} />
      </span>
    </Link>
  );
}

/** What stands in its way; of one that is over, nothing does. */
function Standing({ pullRequest }: { pullRequest: PullRequestRowFragment }) {
  if (pullRequest.state !== 'OPEN') return <span />;
  if (pullRequest.needsApproval) return <StateBadge look={APPROVAL_NEEDED} />;
  const files = pullRequest.conflicts.length;
  const detail = pullRequest.mergeState === 'CONFLICT' && files > 0 ? `${files} ${files === 1 ? 'file' : 'files'}` : null;
  return (
    <span title={pullRequest.conflicts.join('\n') || undefined}>
      <StateBadge look={MERGE_LOOK[pullRequest.mergeState]} detail={detail} />
    </span>
  );
}
