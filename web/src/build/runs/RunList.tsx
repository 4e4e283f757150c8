import { useRef } from 'react';
import { Link } from 'react-router';
import { addressOf } from '../../domain/addresses.ts';
import { RunBadge } from '../../domain/StateBadges.tsx';
import type { RunRowFragment } from '../../generated/graphql.ts';
import rows from '../../ui/rows.module.css';
import { Sha } from '../../ui/Sha.tsx';
import { Time } from '../../ui/Time.tsx';
import css from './RunList.module.css';
import { RunOrigin } from './RunOrigin.tsx';
import { RunTime } from './RunTime.tsx';
import { runTitle } from './run-words.ts';

/** Runs, newest first; those that arrive while one looks come with a short tint. `across`: names the project of each. */
export function RunList({ runs, across = false }: { runs: RunRowFragment[]; across?: boolean }) {
  const isNew = useArrivals(runs.map((run) => run.id));
  return (
    <div className={`${rows.list} ${css.runs}`}>
      {runs.map((run) => (
        <Link key={run.id} to={addressOf.run(run)} className={rows.row} data-row data-new={isNew(run.id) || undefined}>
          <RunBadge run={run} />
          <span className={css.title} data-wide>
            {across ? (
              <span className={css.project} title={run.project.name}>
                {run.project.name}
              </span>
            ) : null}
            <strong className={rows.clip} title={runTitle(run)}>
              {runTitle(run)}
            </strong>
            <span className={css.number} title={`${run.repository.name} #${run.number}`}>
              {run.repository.name} #{run.number}
            </span>
          </span>
          <span className={`${rows.clip} ${css.branch}`}>
            <Sha sha={run.headSha} />{' '}
            <span className={`muted ${rows.clip}`} title={run.branch}>
              {run.pullRequest ? `#${run.pullRequest.number} ` : ''}
              {run.branch}
            </span>
          </span>
          <RunOrigin run={run} />
          <RunTime run={run} />
          <span className={rows.right}>
            <Time at={run.createdAt} />
          </span>
        </Link>
      ))}
    </div>
  );
}

/** Which ids were not there when the list was first shown. */
function useArrivals(ids: string[]): (id: string) => boolean {
  const first = useRef<Set<string> | null>(null);
  if (first.current === null && ids.length > 0) first.current = new Set(ids);
  const newest = ids[0];
  return (id) => first.current !== null && !first.current.has(id) && id === newest;
}
