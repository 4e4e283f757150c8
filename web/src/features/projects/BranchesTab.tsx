import { useQuery } from '@apollo/client/react';
import { Button } from '@mantine/core';
import { Link, useNavigate } from 'react-router';
import { errorMessage } from '../../api/errors.ts';
import { useAction } from '../../api/use-action.ts';
import { useLive } from '../../api/use-live.ts';
import {
  type BranchRowFragment,
  ProjectBranchesChangedDocument,
  ProjectBranchesDocument,
  TriggerRunDocument,
} from '../../generated/graphql.ts';
import { ErrorNote, ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Panel } from '../../ui/Panel.tsx';
import rows from '../../ui/rows.module.css';
import { Sha } from '../../ui/Sha.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import { Time } from '../../ui/Time.tsx';
import { addressOf } from '../states/addresses.ts';
import { RunBadge } from '../states/StateBadges.tsx';
import { FirstPush } from './FirstPush.tsx';
import { useFrameProject } from './ProjectPage.tsx';
import css from './projects.module.css';

export function BranchesTab() {
  const project = useFrameProject();
  const { data, error, refetch } = useQuery(ProjectBranchesDocument, { variables: { name: project.name } });
  useLive(ProjectBranchesChangedDocument, { project: project.name });
  const repositories = data?.project?.repositories;
  if (error && !repositories)
    return <ErrorPanel title="The branches can’t be read" message={errorMessage(error)} onRetry={() => void refetch()} />;
  if (!repositories)
    return (
      <Panel flush>
        <RowsSkeleton rows={5} />
      </Panel>
    );
  const filled = repositories.filter((repository) => repository.branches.edges.length > 0);
  if (filled.length === 0)
    return (
      <Panel flush>
        <FirstPush project={project} />
      </Panel>
    );
  return filled.map((repository) => (
    <Panel key={repository.id} title={repository.name} flush>
      <div className={`${rows.list} ${css.branches}`}>
        {repository.branches.edges.map(({ node }) => (
          <BranchRow key={node.id} branch={node} repositoryId={repository.id} />
        ))}
      </div>
      {repository.branches.pageInfo.hasNextPage ? <p className={css.more}>The first 50 branches are shown.</p> : null}
    </Panel>
  ));
}

function BranchRow({ branch, repositoryId }: { branch: BranchRowFragment; repositoryId: string }) {
  const navigate = useNavigate();
  const { run, busy, error } = useAction(TriggerRunDocument);
  const start = async () => {
    const result = await run({ repositoryId, branch: branch.name });
    if (result) navigate(addressOf.run(result.triggerRun));
  };
  return (
    <>
      <div className={rows.row} data-hover>
        <span className={rows.clip} title={branch.name} data-wide>
          <strong>{branch.name}</strong>
          {branch.isDefault ? <span className={css.tag}>default</span> : null}
        </span>
        <span className={rows.clip}>
          {branch.head ? (
            <>
              <Sha sha={branch.head.sha} /> {branch.head.subject} <span className="muted">{branch.head.authorName}</span>
            </>
          ) : null}
        </span>
        {branch.lastRun ? (
          <Link to={addressOf.run(branch.lastRun)} data-row>
            <RunBadge run={branch.lastRun} />
          </Link>
        ) : (
          <span className="muted">no run yet</span>
        )}
        <Time at={branch.updatedAt} />
        <span className={rows.right}>
          <Button
            size="compact-xs"
            variant="default"
            loading={busy}
            onClick={() => void start()}
            aria-label={`Run pipeline of ${branch.name}`}
          >
            Run pipeline
          </Button>
        </span>
      </div>
      <ErrorNote message={error} />
    </>
  );
}
