import { BaseEdge, type Edge, type EdgeProps } from '@xyflow/react';
import css from './JobGraph.module.css';
import { type PlacedGraph, pathOf } from './job-graph-layout.ts';

type Need = Edge<{ way: PlacedGraph['edges'][number]['way'] }, 'need'>;

/** Along the way that the layout found for it. */
export function NeedEdge({ data }: EdgeProps<Need>) {
  return <BaseEdge path={pathOf(data?.way ?? [])} className={css.edge} />;
}
