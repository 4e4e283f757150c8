import { type PointerEvent, type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { type Place, readableZoom, type Size, scrollTo } from './graph-zoom.ts';
import { NODE } from './job-graph-size.ts';

export type GraphView = {
  box: RefObject<HTMLDivElement | null>;
  room: Size;
  zoom: number;
  setZoom: (zoom: number) => void;
  drag: { onPointerDown: (event: PointerEvent<HTMLElement>) => void };
};

/** A graph that may be larger than its box: the box scrolls, by mouse also by dragging, and keeps the chosen node in sight. */
export function useGraphView(graph: Size, chosen: Place | undefined): GraphView {
  const box = useRef<HTMLDivElement>(null);
  const room = useRoom(box);
  // Of another graph, as one of the same with its jobs unfolded is, the reader's zoom says nothing.
  const [asked, setAsked] = useState<{ graph: Size; zoom: number } | null>(null);
  const zoom = asked?.graph === graph ? asked.zoom : room.width > 0 ? readableZoom(room, graph) : 1;
  useMiddleKept(box, zoom);
  // biome-ignore lint/correctness/useExhaustiveDependencies: not when the reader zooms, as what they look at stays
  useEffect(() => {
    if (!box.current || !chosen) return;
    const { scrollLeft, scrollTop } = box.current;
    box.current.scrollLeft = scrollTo(scrollLeft, room.width, { from: chosen.x * zoom, size: NODE.width * zoom });
    box.current.scrollTop = scrollTo(scrollTop, room.height, { from: chosen.y * zoom, size: NODE.height * zoom });
  }, [chosen, graph, room]);
  return {
    box,
    room,
    zoom,
    setZoom: (next) => setAsked({ graph, zoom: next }),
    drag: { onPointerDown: (event) => followMouse(box, event) },
  };
}

function useRoom(box: RefObject<HTMLElement | null>): Size {
  const [room, setRoom] = useState<Size>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    // With the scroll bars: a zoom that made them go would come back with them.
    const measure = () => setRoom({ width: element.offsetWidth, height: element.offsetHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  return room;
}

/** What stands in the middle of the box stays there while the zoom changes. */
function useMiddleKept(box: RefObject<HTMLElement | null>, zoom: number): void {
  const before = useRef(zoom);
  useLayoutEffect(() => {
    const ratio = zoom / before.current;
    before.current = zoom;
    if (!box.current || ratio === 1) return;
    const { scrollLeft, scrollTop, clientWidth, clientHeight } = box.current;
    const middle = (start: number, size: number) => (start + size / 2) * ratio - size / 2;
    box.current.scrollLeft = middle(scrollLeft, clientWidth);
    box.current.scrollTop = middle(scrollTop, clientHeight);
  }, [box, zoom]);
}

/** Fingers scroll the box themselves; a press on a node is a choice. */
function followMouse(box: RefObject<HTMLElement | null>, down: PointerEvent<HTMLElement>): void {
  const element = box.current;
  if (!element || down.pointerType !== 'mouse' || down.button !== 0 || (down.target as Element).closest('button')) return;
  const from = { x: element.scrollLeft + down.clientX, y: element.scrollTop + down.clientY };
  const end = new AbortController();
  element.setPointerCapture(down.pointerId);
  const follow = (move: globalThis.PointerEvent) => {
    element.scrollLeft = from.x - move.clientX;
    element.scrollTop = from.y - move.clientY;
  };
  element.addEventListener('pointermove', follow, { signal: end.signal });
  element.addEventListener('lostpointercapture', () => end.abort(), { signal: end.signal });
}
