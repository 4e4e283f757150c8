import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { formatDuration } from '../../ui/format.ts';
import { StateShape } from '../../ui/StateShape.tsx';
import css from './LogView.module.css';
import type { LogStep } from './log-rows.ts';

type StepHeaderProps = { step: LogStep; collapsed: boolean; running: boolean; onToggle: (index: number) => void };

/** Folds and unfolds the lines of a step. */
export function StepHeader({ step, collapsed, running, onToggle }: StepHeaderProps) {
  const failed = step.exitCode !== null && step.exitCode !== 0;
  const done = step.exitCode !== null;
  const tone = failed ? 'negative' : done ? 'positive' : running ? 'accent' : 'muted';
  return (
    <div className={css.stepRow}>
      <button type="button" className={css.step} data-tone={tone} aria-expanded={!collapsed} onClick={() => onToggle(step.index)}>
        {collapsed ? <IconChevronRight size={14} /> : <IconChevronDown size={14} />}
        <StateShape shape={failed ? 'cross' : done ? 'tick' : running ? 'arc' : 'dash'} progress={null} />
        <span className={css.stepName}>{step.name}</span>
        {failed ? <span className={css.stepNote}>exit code {step.exitCode}</span> : null}
        <span className={css.stepTime}>{step.durationMs === null ? '' : formatDuration(step.durationMs)}</span>
      </button>
    </div>
  );
}
