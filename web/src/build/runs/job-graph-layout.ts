import { Graph, layout } from '@dagrejs/dagre';
import { MARGIN, NODE } from './job-graph-size.ts';

type Point = { x: number; y: number };
export type PlacedGraph = {
  /** Upper left corner of each node. */
  places: Map<string, Point>;
  edges: { id: string; source: string; target: string /** Level stretches of the way, each from left to right. */; way: Point[] }[];
  width: number;
  height: number;
};

type Needing = { id: string; needs: readonly string[] };

/**
 * Columns by what is needed, few crossings, and a lane of its own for each edge that skips a column: it goes between the nodes there and
 * never behind one, where it would look as if it ended and began. Depends on names and needs alone, so that nothing moves while states change.
 */
export function layOut(nodes: readonly Needing[]): PlacedGraph {
  const graph = new Graph();
  graph.setGraph({ rankdir: 'LR', ranksep: NODE.gapX, nodesep: NODE.gapY, edgesep: NODE.gapY, marginx: MARGIN, marginy: MARGIN });
  for (const { id } of nodes) graph.setNode(id, { width: NODE.width, height: NODE.height });
  for (const { id, needs } of nodes) for (const need of needs) if (graph.hasNode(need)) graph.setEdge(need, id, {});
  layout(graph);
  const places = new Map(graph.nodes().map((id) => [id, cornerOf(graph.node(id) as Point)]));
  const columns = new Set(graph.nodes().map((id) => (graph.node(id) as Point).x));
  const edges = graph.edges().map(({ v, w }) => ({
    id: `${v} ${w}`,
    source: v,
    target: w,
    way: wayOf(graph.edge({ v, w }) as { points: Point[] }, places.get(v) as Point, places.get(w) as Point, columns),
  }));
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return { places, edges, width, height };
}

const cornerOf = ({ x, y }: Point): Point => ({ x: x - NODE.width / 2, y: y - NODE.height / 2 });

/** From the middle of the source's right side to the middle of the target's left side; through a column straight, between columns bent. */
function wayOf({ points }: { points: Point[] }, source: Point, target: Point, columns: ReadonlySet<number>): Point[] {
  const start = { x: source.x + NODE.width, y: source.y + NODE.height / 2 };
  const end = { x: target.x, y: target.y + NODE.height / 2 };
  const passed = points.filter(({ x }) => columns.has(x) && x > start.x && x < end.x);
  const lanes = passed.flatMap(({ x, y }) => [
    { x: x - NODE.width / 2, y },
    { x: x + NODE.width / 2, y },
  ]);
  return [start, ...lanes, end];
}

/** SVG path along a way: level where it passes a column, an S between two. */
export function pathOf(way: readonly Point[]): string {
  const [first, ...rest] = way;
  if (!first) return '';
  let at = first;
  let path = `M${first.x},${first.y}`;
  for (const next of rest) {
    const middle = (at.x + next.x) / 2;
    path += at.y === next.y ? ` L${next.x},${next.y}` : ` C${middle},${at.y} ${middle},${next.y} ${next.x},${next.y}`;
    at = next;
  }
  return path;
}
