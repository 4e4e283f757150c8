import { IconFold, IconMaximize, IconMinus, IconPlus } from '@tabler/icons-react';
import { Panel, useReactFlow, useStore } from '@xyflow/react';
import { type ReactNode, useLayoutEffect, useRef } from 'react';
import css from './JobGraph.module.css';
import type { PlacedGraph } from './job-graph-layout.ts';
import { NODE } from './job-graph-size.ts';

/** Smaller than this names can't be read; the rest is reached by moving the graph. */
const SMALLEST_READABLE = 0.7;

type GraphControlsProps = { graph: PlacedGraph; chosen: string | null /** null: nothing is unfolded. */; onFold: (() => void) | null };

/** Brings the graph into its place, and the chosen node into sight; buttons where the whole doesn't fit. */
export function GraphControls({ graph, chosen, onFold }: GraphControlsProps) {
  const flow = useReactFlow();
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const fits = width >= graph.width && height >= graph.height - 1;
  const place = chosen === null ? undefined : graph.places.get(chosen);
  const drawn = useRef<PlacedGraph | null>(null);

  useLayoutEffect(() => {
    if (width === 0) return;
    const before = drawn.current;
    drawn.current = graph;
    if (before === graph && place && isInSight(place, flow.getViewport(), width, height)) return;
    const zoom = before === graph ? flow.getZoom() : Math.min(1, Math.max(SMALLEST_READABLE, width / graph.width));
    void flow.setViewport({
      zoom,
      x: along(width, graph.width, place?.x, NODE.width, zoom),
      y: along(height, graph.height, place?.y, NODE.height, zoom),
    });
  }, [flow, graph, place, width, height]);

  return fits && !onFold ? null : (
    <Panel position="bottom-right" className={css.controls}>
      {onFold ? <Control label="Fold jobs that are alike" icon={<IconFold size={16} />} onClick={onFold} /> : null}
      {fits ? null : (
        <>
          <Control label="Zoom in" icon={<IconPlus size={16} />} onClick={() => void flow.zoomIn()} />
          <Control label="Zoom out" icon={<IconMinus size={16} />} onClick={() => void flow.zoomOut()} />
          <Control
            label="Show the whole graph"
            icon={<IconMaximize size={16} />}
            onClick={() => void flow.fitView({ padding: 0.04, maxZoom: 1 })}
          />
        </>
      )}
    </Panel>
  );
}

function Control({ label, icon, onClick }: { label: string; icon: ReactNode; onClick: () => void }) {
  return (
    <button type="button" className={css.control} aria-label={label} title={label} onClick={onClick}>
      {icon}
    </button>
  );
}

type Viewport = { x: number; y: number; zoom: number };

function isInSight({ x, y }: { x: number; y: number }, view: Viewport, width: number, height: number): boolean {
  const left = x * view.zoom + view.x;
  const top = y * view.zoom + view.y;
  return left >= 0 && top >= 0 && left + NODE.width * view.zoom <= width && top + NODE.height * view.zoom <= height;
}

/** Offset along one axis: what fits begins at the edge, or is in the middle if it is smaller by being zoomed; else the chosen node is brought to the middle. */
function along(room: number, size: number, at: number | undefined, nodeSize: number, zoom: number): number {
  const rest = room - size * zoom;
  if (rest >= 0) return zoom < 1 ? rest / 2 : 0;
  if (at === undefined) return 0;
  return Math.min(0, Math.max(rest, room / 2 - (at + nodeSize / 2) * zoom));
}
