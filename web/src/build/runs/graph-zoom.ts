/** Pixels. */
export type Size = { width: number; height: number };
/** Pixels of the graph at its own size. */
export type Place = { x: number; y: number };

/** At a smaller zoom names can't be read; the rest is reached by moving the graph. */
const SMALLEST_READABLE = 0.7;
const MIN = 0.1;
const MAX = 1.5;
const STEP = 1.25;

/** The first zoom: the whole width, if names can be read then. */
export const readableZoom = (room: Size, graph: Size): number => between(SMALLEST_READABLE, room.width / graph.width, 1);

/** The whole graph at once. */
export const wholeZoom = (room: Size, graph: Size): number => Math.min(room.width / graph.width, room.height / graph.height, 1);

export const zoomedIn = (zoom: number): number => Math.min(zoom * STEP, MAX);
export const zoomedOut = (zoom: number): number => Math.min(zoom, Math.max(MIN, zoom / STEP));

export const fits = (room: Size, graph: Size): boolean => room.width >= graph.width && room.height >= graph.height;

/** Where along an axis to scroll to: nowhere while the node is in sight, else so that it stands in the middle. */
export function scrollTo(now: number, room: number, node: { from: number; size: number }): number {
  const isInSight = node.from >= now && node.from + node.size <= now + room;
  return isInSight ? now : Math.max(0, node.from + node.size / 2 - room / 2);
}

const between = (min: number, value: number, max: number): number => Math.min(max, Math.max(min, value));
