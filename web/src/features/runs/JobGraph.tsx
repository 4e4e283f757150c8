import { Handle, type Node, type NodeProps, Position, ReactFlow, ReactFlowProvider } from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { useMemo, useState } from 'react';
import type { RunJobFragment } from '../../generated/graphql.ts';
import { Elapsed } from '../../ui/Time.tsx';
import { JOB_LOOK } from '../states/looks.ts';
import { JobBadge } from '../states/StateBadges.tsx';
import { GraphControls } from './GraphControls.tsx';
import css from './JobGraph.module.css';
import { layOut } from './job-graph-layout.ts';
import { NODE } from './job-graph-size.ts';
import { groupJobs, type JobGroup, speaker } from './job-groups.ts';
import { jobNote } from './job-note.ts';
import { NeedEdge } from './NeedEdge.tsx';

type JobNode = Node<{ group: JobGroup<RunJobFragment>; chosen: boolean; onOpen: (group: JobGroup<RunJobFragment>) => void }, 'job'>;

type JobGraphProps = { jobs: RunJobFragment[]; chosenName: string | null; onChoose: (name: string) => void };

/** The jobs of a run and what needs what, live. Places don't move while states change. */
export function JobGraph({ jobs, chosenName, onChoose }: JobGraphProps) {
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  const groups = groupJobs(jobs, unfolded);
  const shape = JSON.stringify(groups.map(({ id, needs }) => [id, needs]));
  // biome-ignore lint/correctness/useExhaustiveDependencies: shape stands for groups
  const placed = useMemo(() => layOut(groups), [shape]);
  const chosen = groups.find((group) => group.jobs.some((job) => job.name === chosenName));
  const open = (group: JobGroup<RunJobFragment>) => {
    if (group.jobs.length > 1) setUnfolded(new Set(unfolded).add(group.id));
    else onChoose(group.jobs[0].name);
  };
  const nodes: JobNode[] = groups.map((group) => ({
    id: group.id,
    type: 'job',
    position: placed.places.get(group.id) ?? { x: 0, y: 0 },
    data: { group, chosen: group === chosen, onOpen: open },
    width: NODE.width,
    height: NODE.height,
  }));
  return (
    <ReactFlowProvider>
      <ReactFlow
        className={css.graph}
        nodes={nodes}
        edges={placed.edges.map(({ way, ...edge }) => ({ ...edge, type: 'need', data: { way } }))}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        minZoom={0.2}
        maxZoom={1.5}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        zoomOnScroll={false}
        zoomOnDoubleClick={false}
        preventScrolling={false}
        disableKeyboardA11y
        proOptions={{ hideAttribution: true }}
        aria-label="Graph of the jobs"
      >
        <GraphControls graph={placed} chosen={chosen?.id ?? null} onFold={unfolded.size > 0 ? () => setUnfolded(new Set()) : null} />
      </ReactFlow>
    </ReactFlowProvider>
  );
}

function JobNodeView({ data: { group, chosen, onOpen } }: NodeProps<JobNode>) {
  const job = speaker(group.jobs);
  const many = group.jobs.length > 1;
  const note = jobNote(job);
  return (
    <button
      type="button"
      className={css.node}
      data-tone={JOB_LOOK[job.state].tone}
      data-many={many || undefined}
      aria-pressed={chosen}
      aria-label={`${many ? 'Jobs' : 'Job'} ${group.label}, ${JOB_LOOK[job.state].word}`}
      title={many ? `${group.label}: ${stateCounts(group.jobs)}. Press to show each.` : note ? `${job.name}: ${note}` : job.name}
      onClick={() => onOpen(group)}
    >
      <Handle type="target" position={Position.Left} className={css.handle} isConnectable={false} />
      <JobBadge job={job} compact />
      <span className={css.words}>
        <span className={css.name}>{group.label}</span>
        <span className={css.note}>{many ? stateCounts(group.jobs) : <JobFacts job={job} />}</span>
      </span>
      <Handle type="source" position={Position.Right} className={css.handle} isConnectable={false} />
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

const NODE_TYPES = { job: JobNodeView };
const EDGE_TYPES = { need: NeedEdge };
