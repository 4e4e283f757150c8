import type { ReactNode } from 'react';
import css from './LogView.module.css';
import type { LogScroll } from './use-log-scroll.ts';

type LogScrollAreaProps = {
  label: string;
  scroll: LogScroll;
  /** Shown in place of rows where there are none. */
  blank: string | null;
  draw: (row: number) => ReactNode;
};

/** As tall as the whole log would be, with elements for the rows in view alone. */
export function LogScrollArea({ label, scroll, blank, draw }: LogScrollAreaProps) {
  const { scroller, first, end } = scroll;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled by the arrow keys
    <section className={css.viewport} ref={scroller.viewport} onScroll={scroller.onScroll} tabIndex={0} aria-label={label}>
      {blank ? <p className={css.blank}>{blank}</p> : null}
      <div className={css.spacer} style={{ height: blank ? 0 : scroll.heightPx }}>
        <div className={css.window} style={{ height: scroll.viewportPx }}>
          <div className={css.rows} ref={scroller.layer}>
            {Array.from({ length: Math.max(0, end - first) }, (_, index) => draw(first + index))}
          </div>
        </div>
      </div>
    </section>
  );
}
