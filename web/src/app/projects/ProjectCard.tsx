import { Link } from 'react-router';
import { runTitle } from '../../build/runs/run-words.ts';
import { EnvironmentChips } from '../../deliver/environments/EnvironmentChips.tsx';
import { addressOf } from '../../domain/addresses.ts';
import { RUN_LOOK } from '../../domain/looks.ts';
import { RunBadge } from '../../domain/StateBadges.tsx';
import type { ProjectsQuery } from '../../generated/graphql.ts';
import { formatDuration } from '../../ui/format.ts';
import { Sha } from '../../ui/Sha.tsx';
import { Sparkline } from '../../ui/Sparkline.tsx';
import { Time } from '../../ui/Time.tsx';
import css from './projects.module.css';

type Project = ProjectsQuery['projects']['edges'][number]['node'];

/** A project at a glance: its last run, what its environments run, and how long its runs take. */
export function ProjectCard({ project }: { project: Project }) {
  const { lastRun } = project;
  return (
    <li className={css.card}>
      <div className={css.cardTop}>
        <h2>
          <Link to={addressOf.project(project.name)} className={css.name} data-row>
            {project.name}
          </Link>
        </h2>
        <Durations runs={project.runs.edges.map((edge) => edge.node)} />
      </div>
      {lastRun ? (
        <Link to={addressOf.run(lastRun)} className={css.lastRun}>
          <RunBadge run={lastRun} />
          <span className={css.clip}>{runTitle(lastRun)}</span>
          <Sha sha={lastRun.commitSha} />
          <Time at={lastRun.createdAt} />
        </Link>
      ) : (
        <p className="muted">Nothing has run yet: push to its repository.</p>
      )}
      <EnvironmentChips project={project.name} environments={project.environments} />
    </li>
  );
}

const MOST_BARS = 12;

function Durations({ runs }: { runs: Project['runs']['edges'][number]['node'][] }) {
  const timed = runs.filter((run) => run.startedAt && run.finishedAt).slice(0, MOST_BARS);
  if (timed.length < 2) return null;
  const bars = timed
    .map((run) => ({
      key: run.id,
      value: run.workedMs,
      tone: RUN_LOOK[run.state].tone,
    }))
    .reverse();
  const longest = Math.max(...bars.map((bar) => bar.value));
  return <Sparkline bars={bars} label={`Durations of the last ${bars.length} runs, the longest ${formatDuration(longest)}`} />;
}
