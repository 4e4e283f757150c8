import { Button } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { loadPart } from '../../api/load-part.ts';
import { addressOf } from '../../domain/addresses.ts';
import type { BranchOrder } from '../../generated/graphql.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { FilterLinks } from '../../ui/FilterLinks.tsx';
import { LoadMore } from '../../ui/LoadMore.tsx';
import { Panel } from '../../ui/Panel.tsx';
import rows from '../../ui/rows.module.css';
import { SearchField } from '../../ui/SearchField.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import type { FrameRepository } from '../repositories/chosen-repository.tsx';
import { BranchRow } from './BranchRow.tsx';
import css from './branches.module.css';
import type { RowPlace } from './row-place.ts';
import { useBranches } from './use-branches.ts';

const CreateBranchDialog = lazy(async () => ({ default: (await loadPart(() => import('./CreateBranchDialog.tsx'))).CreateBranchDialog }));

/** The branches of a repository: found by a part of the name, by name or by the last push. */
export function BranchList({ project, repository }: { project: string; repository: FrameRepository }) {
  const list = useBranches(project, repository);
  const [creating, setCreating] = useState(false);
  const place: RowPlace = { project, repository, onChange: list.readAgain };
  return (
    <div className={css.stack}>
      <div className={css.tools}>
        <SearchField label="Search branches" value={list.search} onSearch={list.setSearch} />
        <OrderChoice order={list.order} />
        <span className={css.grow} />
        <Link to={addressOf.branchRules(project, repository.name)} className={css.toolLink}>
          Branch rules
        </Link>
        <Button onClick={() => setCreating(true)}>New branch</Button>
      </div>
      <Panel flush>
        {list.error ? <ErrorPanel title="The branches can’t be read" message={list.error} onRetry={list.retry} /> : null}
        {!list.branches && !list.error ? <RowsSkeleton rows={8} label="Loading the branches" /> : null}
        {list.branches?.length === 0 && list.search ? (
          <EmptyState title={`No branch has “${list.search}” in its name`}>Upper and lower case make no difference here.</EmptyState>
        ) : null}
        {list.branches?.length === 0 && !list.search ? (
          <EmptyState title="No branches yet">What is pushed, or fetched from the host, appears at once.</EmptyState>
        ) : null}
        <div className={`${rows.list} ${css.branches}`} data-old={list.isOld || undefined}>
          {list.branches && list.branches.length > 0 ? <Head defaultBranch={repository.defaultBranch ?? ''} /> : null}
          {list.branches?.map((branch) => (
            <BranchRow key={branch.id} branch={branch} place={place} />
          ))}
        </div>
        {list.hasMore ? <LoadMore {...list.more}>Load more branches</LoadMore> : null}
      </Panel>
      {repository.connection?.leftOut ? <p className="muted">{repository.connection.leftOut}</p> : null}
      <Suspense>
        {creating ? (
          <CreateBranchDialog project={project} repository={repository} onDone={list.readAgain} onClose={() => setCreating(false)} />
        ) : null}
      </Suspense>
    </div>
  );
}

function Head({ defaultBranch }: { defaultBranch: string }) {
  return (
    <div className={rows.head} aria-hidden="true">
      <span>Branch</span>
      <span>Newest commit</span>
      <span className={css.center} title={`Commits behind ${defaultBranch}, and ahead of it`}>
        Behind · ahead
      </span>
      <span>Last run</span>
      <span>Pushed</span>
    </div>
  );
}

function OrderChoice({ order }: { order: BranchOrder }) {
  const [search] = useSearchParams();
  const to = (next: string | null) => {
    const changed = new URLSearchParams(search);
    if (next) changed.set('order', next);
    else changed.delete('order');
    return `?${changed}`;
  };
  return (
    <FilterLinks
      label="Order"
      choices={[
        { name: 'By name', search: to(null), current: order === 'NAME' },
        { name: 'Recently pushed', search: to('updated'), current: order === 'UPDATED' },
      ]}
    />
  );
}
