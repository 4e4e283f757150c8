import {
  BaseEdge,
  type Edge,
  type EdgeProps,
  getSmoothStepPath,
  Handle,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
} from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { useMemo } from 'react';
import type { RunJobFragment } from '../../generated/graphql.ts';
import { Elapsed } from '../../ui/Time.tsx';
import { JOB_LOOK } from '../states/looks.ts';
import { JobBadge } from '../states/StateBadges.tsx';
import css from './JobGraph.module.css';
import { placeJobs } from './job-graph-layout.ts';
import { jobNote } from './job-note.ts';

const NODE = { width: 184, height: 48, gapX: 48, gapY: 12 } as const;
const MARGIN = 16;

type JobNode = Node<{ job: RunJobFragment; chosen: boolean }, 'job'>;

/** The jobs of a run and what needs what, live. Places don't move while states change. */
export function JobGraph({
  jobs,
  chosenId,
  onChoose,
}: {
  jobs: RunJobFragment[];
  chosenId: string | null;
  onChoose: (name: string) => void;
}) {
  const placed = useMemo(() => placeJobs(jobs), [jobs]);
  const nodes = useMemo<JobNode[]>(
    () =>
      placed.map(({ job, column, row }) => ({
        id: job.name,
        type: 'job',
        position: { x: MARGIN + column * (NODE.width + NODE.gapX), y: MARGIN + row * (NODE.height + NODE.gapY) },
        data: { job, chosen: job.id === chosenId },
        width: NODE.width,
        height: NODE.height,
        ariaLabel: `Job ${job.name}, ${JOB_LOOK[job.state].word}`,
      })),
    [placed, chosenId],
  );
  const edges = useMemo<Edge[]>(
    () =>
      jobs.flatMap((job) =>
        job.needs.map((needed) => ({
          id: `${needed} ${job.name}`,
          source: needed,
          target: job.name,
          type: 'need',
          data: { live: job.state === 'RUNNING' },
        })),
      ),
    [jobs],
  );
  const tallest = Math.max(...placed.map(({ row }) => row), 0) + 1;
  const widest = Math.max(...placed.map(({ column }) => column), 0) + 1;
  const height = MARGIN * 2 + tallest * (NODE.height + NODE.gapY) - NODE.gapY;
  const width = MARGIN * 2 + widest * (NODE.width + NODE.gapX) - NODE.gapX;
  return (
    <div className={css.scroller}>
      <div className={css.graph} style={{ height, minWidth: width }}>
        <ReactFlow
          nodes={nodes}
          edges={edges}
          nodeTypes={NODE_TYPES}
          edgeTypes={EDGE_TYPES}
          onNodeClick={(_, node) => onChoose(node.id)}
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          panOnDrag={false}
          panOnScroll={false}
          zoomOnScroll={false}
          zoomOnPinch={false}
          zoomOnDoubleClick={false}
          preventScrolling={false}
          disableKeyboardA11y
          proOptions={{ hideAttribution: true }}
          aria-label="Graph of the jobs"
        />
      </div>
    </div>
  );
}

function JobNodeView({ data: { job, chosen } }: NodeProps<JobNode>) {
  return (
    <button type="button" className={css.node} data-tone={JOB_LOOK[job.state].tone} aria-pressed={chosen} title={jobNote(job) ?? undefined}>
      <Handle type="target" position={Position.Left} className={css.handle} isConnectable={false} />
      <JobBadge job={job} compact />
      <span className={css.name}>{job.name}</span>
      <Elapsed from={job.startedAt} to={job.finishedAt} />
      <Handle type="source" position={Position.Right} className={css.handle} isConnectable={false} />
    </button>
  );
}

function NeedEdge({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition }: EdgeProps) {
  const [path] = getSmoothStepPath({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, borderRadius: 8 });
  return <BaseEdge path={path} className={css.edge} />;
}

const NODE_TYPES = { job: JobNodeView };
const EDGE_TYPES = { need: NeedEdge };
