import { useMemo, useState } from 'react';
import { JOB_LOOK } from '../../domain/looks.ts';
import { JobBadge } from '../../domain/StateBadges.tsx';
import type { RunJobFragment } from '../../generated/graphql.ts';
import { Elapsed } from '../../ui/Time.tsx';
import { GraphControls } from './GraphControls.tsx';
import css from './JobGraph.module.css';
import { layOut, pathOf } from './job-graph-layout.ts';
import { groupJobs, type JobGroup, speaker } from './job-groups.ts';
import { jobNote } from './job-note.ts';
import { useGraphView } from './use-graph-view.ts';

type JobGraphProps = { jobs: RunJobFragment[]; chosenName: string | null; onChoose: (name: string) => void };

/** The jobs of a run and what needs what, live. Places don't move while states change. */
export function JobGraph({ jobs, chosenName, onChoose }: JobGraphProps) {
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  const groups = groupJobs(jobs, unfolded);
  const shape = JSON.stringify(groups.map(({ id, needs }) => [id, needs]));
  // biome-ignore lint/correctness/useExhaustiveDependencies: shape stands for groups
  const placed = useMemo(() => layOut(groups), [shape]);
  const chosen = groups.find((group) => group.jobs.some((job) => job.name === chosenName));
  const view = useGraphView(placed, chosen && placed.places.get(chosen.id));
  const open = (group: JobGroup<RunJobFragment>) => {
    if (group.jobs.length > 1) setUnfolded(new Set(unfolded).add(group.id));
    else onChoose(group.jobs[0].name);
  };
  const { width, height } = placed;
  return (
    <section className={css.graph} aria-label="Graph of the jobs">
      <div className={css.box} ref={view.box} {...view.drag}>
        <div className={css.sized} data-small={view.zoom < 1 || undefined} style={{ width: width * view.zoom, height: height * view.zoom }}>
          <div className={css.drawing} style={{ width, height, scale: view.zoom }}>
            <svg className={css.edges} width={width} height={height} aria-hidden="true">
              {placed.edges.map(({ id, way }) => (
                <path key={id} d={pathOf(way)} />
              ))}
            </svg>
            {groups.map((group) => (
              <JobNode key={group.id} group={group} at={placed.places.get(group.id)} chosen={group === chosen} onOpen={open} />
            ))}
          </div>
        </div>
      </div>
      <GraphControls graph={placed} view={view} onFold={unfolded.size > 0 ? () => setUnfolded(new Set()) : null} />
    </section>
  );
}

type JobNodeProps = {
  group: JobGroup<RunJobFragment>;
  at: { x: number; y: number } | undefined;
  chosen: boolean;
  onOpen: (group: JobGroup<RunJobFragment>) => void;
};

function JobNode({ group, at, chosen, onOpen }: JobNodeProps) {
  const job = speaker(group.jobs);
  const many = group.jobs.length > 1;
  const note = jobNote(job);
  return (
    <button
      type="button"
      className={css.node}
      style={{ left: at?.x, top: at?.y }}
      data-tone={JOB_LOOK[job.state].tone}
      data-many={many || undefined}
      aria-pressed={chosen}
      title={many ? `${group.label}: ${stateCounts(group.jobs)}. Press to show each.` : note ? `${job.name}: ${note}` : job.name}
      onClick={() => onOpen(group)}
    >
      <JobBadge job={job} compact />
      <span className={css.words}>
        <span className={css.name}>{group.label}</span>
        <span className={css.note}>{many ? stateCounts(group.jobs) : <JobFacts job={job} />}</span>
      </span>
    </button>
  );
}

function JobFacts({ job }: { job: RunJobFragment }) {
  if (!job.startedAt) return JOB_LOOK[job.state].word;
  return (
    <>
      {JOB_LOOK[job.state].word} · <Elapsed from={job.startedAt} to={job.finishedAt} />
    </>
  );
}

/** `1 failed, 3 running, 8 succeeded`. */
function stateCounts(jobs: readonly RunJobFragment[]): string {
  const counts = Map.groupBy(jobs, (job) => JOB_LOOK[job.state].word.toLowerCase());
  return [...counts].map(([word, { length }]) => `${length} ${word}`).join(', ');
}
