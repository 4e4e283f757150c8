import { useQuery } from '@apollo/client/react';
import type { CSSProperties } from 'react';
import { Link } from 'react-router';
import { ReadFailed } from '../../api/ReadFailed.tsx';
import { useLive } from '../../api/use-live.ts';
import { useRest } from '../../api/use-rest.ts';
import { addressOf } from '../../domain/addresses.ts';
import { DeploymentBadge, HealthBadge } from '../../domain/StateBadges.tsx';
import { type EnvironmentGlanceFragment, EnvironmentsChangedDocument, EnvironmentsOverviewDocument } from '../../generated/graphql.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { LoadMore } from '../../ui/LoadMore.tsx';
import { Page } from '../../ui/Page.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import { Time } from '../../ui/Time.tsx';
import { inOrder } from './environment-order.ts';
import css from './environments.module.css';

/** Projects × environments: what runs where. */
export function EnvironmentsPage() {
  const { data, error, refetch, fetchMore } = useQuery(EnvironmentsOverviewDocument);
  const rest = useRest(data?.projects.pageInfo, (after) => fetchMore({ variables: { after } }));
  useLive(EnvironmentsChangedDocument, NO_VARIABLES);
  const projects = data?.projects.edges.map((edge) => edge.node).filter((project) => project.environments.length > 0);
  const names = inOrder(
    [...new Set(projects?.flatMap((project) => project.environments.map((each) => each.name)))].map((name) => ({ name })),
  );
  return (
    <Page title="Environments" wide>
      {error && !data ? <ReadFailed title="The environments can’t be read" error={error} onRetry={() => void refetch()} /> : null}
      {!projects && !error ? <RowsSkeleton rows={6} /> : null}
      {projects?.length === 0 && !rest.goesOn ? (
        <Panel flush>
          <EmptyState title="No environments yet">
            An environment appears when a pipeline deploys to it for the first time, or when you make it in a project’s Environments tab.
          </EmptyState>
        </Panel>
      ) : null}
      {projects && projects.length > 0 ? (
        <div className={css.matrixScroller}>
          <table className={css.matrix} style={{ '--environments': names.length } as CSSProperties}>
            <thead>
              <tr>
                <th scope="col">Project</th>
                {names.map(({ name }) => (
                  <th scope="col" key={name} title={name}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {projects.map((project) => (
                <tr key={project.id}>
                  <th scope="row" title={project.name}>
                    <Link to={addressOf.project(project.name)}>{project.name}</Link>
                  </th>
                  {names.map(({ name }) => (
                    <td key={name} data-name={name}>
                      <Cell project={project.name} environment={project.environments.find((each) => each.name === name)} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
      {rest.goesOn ? <LoadMore {...rest}>More projects</LoadMore> : null}
    </Page>
  );
}

function Cell({ project, environment }: { project: string; environment: EnvironmentGlanceFragment | undefined }) {
  if (!environment) return <span className={`${css.none} muted`}>–</span>;
  return (
    <Link to={addressOf.environment(project, environment.name)} className={css.cell} data-row>
      {environment.activeDeployment ? (
        <DeploymentBadge deployment={environment.activeDeployment} />
      ) : (
        <HealthBadge environment={environment} />
      )}
      <span className={css.cellFacts}>
        <code>{environment.release?.version ?? 'nothing yet'}</code>
        {environment.releaseSince ? <Time at={environment.releaseSince} /> : null}
      </span>
    </Link>
  );
}

const NO_VARIABLES = {};
