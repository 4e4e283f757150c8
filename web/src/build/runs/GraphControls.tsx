import { IconFold, IconMaximize, IconMinus, IconPlus } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { fits, type Size, wholeZoom, zoomedIn, zoomedOut } from './graph-zoom.ts';
import css from './JobGraph.module.css';
import type { GraphView } from './use-graph-view.ts';

type GraphControlsProps = { graph: Size; view: GraphView /** null: nothing is unfolded. */; onFold: (() => void) | null };

/** Buttons where the whole doesn't fit, or where it was unfolded. */
export function GraphControls({ graph, view: { room, zoom, setZoom }, onFold }: GraphControlsProps) {
  const whole = fits(room, graph);
  return whole && !onFold ? null : (
    <div className={css.controls}>
      {onFold ? <Control label="Fold jobs that are alike" icon={<IconFold size={16} />} onClick={onFold} /> : null}
      {whole ? null : (
        <>
          <Control label="Zoom in" icon={<IconPlus size={16} />} onClick={() => setZoom(zoomedIn(zoom))} />
          <Control label="Zoom out" icon={<IconMinus size={16} />} onClick={() => setZoom(zoomedOut(zoom))} />
          <Control label="Show the whole graph" icon={<IconMaximize size={16} />} onClick={() => setZoom(wholeZoom(room, graph))} />
        </>
      )}
    </div>
  );
}

function Control({ label, icon, onClick }: { label: string; icon: ReactNode; onClick: () => void }) {
  return (
    <button type="button" className={css.control} aria-label={label} title={label} onClick={onClick}>
      {icon}
    </button>
  );
}
