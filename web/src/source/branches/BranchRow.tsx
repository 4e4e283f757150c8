import { Button } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { Link, useNavigate } from 'react-router';
import { useAction } from '../../api/use-action.ts';
import { addressOf } from '../../domain/addresses.ts';
import { RunBadge } from '../../domain/StateBadges.tsx';
import { type BranchRowFragment, TriggerRunDocument } from '../../generated/graphql.ts';
import { ErrorNote } from '../../ui/ErrorPanel.tsx';
import rows from '../../ui/rows.module.css';
import { Sha } from '../../ui/Sha.tsx';
import { Tag } from '../../ui/Tag.tsx';
import { Time } from '../../ui/Time.tsx';
import { AheadBehind } from './AheadBehind.tsx';
import { BranchActions } from './BranchActions.tsx';
import css from './branches.module.css';
import { ProtectedMark } from './ProtectedMark.tsx';
import type { RowPlace } from './row-place.ts';

export function BranchRow({ branch, place }: { branch: BranchRowFragment; place: RowPlace }) {
  const navigate = useNavigate();
  const { run, busy, error } = useAction(TriggerRunDocument);
  const at = { project: place.project, repository: place.repository.name };
  const start = async () => {
    const result = await run({ repositoryId: place.repository.id, branch: branch.name });
    if (result) navigate(addressOf.run(result.triggerRun));
  };
  return (
    <>
      <div className={rows.row} data-hover>
        <span className={css.name} data-wide>
          <Link to={addressOf.commits(at, branch.name)} className={rows.clip} title={branch.name} data-row>
            {branch.name}
          </Link>
          {branch.isDefault ? <Tag>default</Tag> : null}
          {branch.protectedBy ? <ProtectedMark rule={branch.protectedBy} /> : null}
        </span>
        <span className={rows.clip} data-commit>
          {branch.head ? (
            <>
              <Sha sha={branch.head.sha} /> <span title={branch.head.subject}>{branch.head.subject}</span>{' '}
              <span className="muted">{branch.head.authorName}</span>
            </>
          ) : null}
        </span>
        {branch.isDefault ? (
          <span />
        ) : (
          <AheadBehind ahead={branch.ahead} behind={branch.behind} base={place.repository.defaultBranch ?? 'the default branch'} />
        )}
        {branch.lastRun ? (
          <Link to={addressOf.run(branch.lastRun)}>
            <RunBadge run={branch.lastRun} />
          </Link>
        ) : (
          <span className="muted">no run yet</span>
        )}
        <Time at={branch.updatedAt} />
        <span className={css.rowActions}>
          <Button
            size="compact-xs"
            variant="default"
            loading={busy}
            onClick={() => void start()}
            aria-label={`Run pipeline of ${branch.name}`}
            title="Run pipeline"
            leftSection={<IconPlayerPlay size={13} aria-hidden="true" />}
          >
            Run
          </Button>
          <BranchActions branch={branch} place={place} />
        </span>
      </div>
      <ErrorNote message={error} />
    </>
  );
}
