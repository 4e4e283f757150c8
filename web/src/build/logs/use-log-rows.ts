import { useCallback, useMemo, useState } from 'react';
import { LogRows, type LogStep } from './log-rows.ts';
import type { LogStore } from './log-store.ts';

type FoldableRows = {
  rows: LogRows;
  failingStep: LogStep | null;
  toggleStep: (index: number) => void;
  unfold: (index: number) => void;
};

/** The rows of a log with the steps that the job knows and those that the log itself tells of, each of which can be folded away. */
export function useLogRows(store: LogStore, known: LogStep[]): FoldableRows {
  const [collapsed, setCollapsed] = useState<ReadonlySet<number>>(new Set());
  const steps = mergeSteps(known, store.steps);
  const stepsKey = steps.map((step) => `${step.index}:${step.line}:${step.exitCode}:${step.name}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: stepsKey stands for steps
  const rows = useMemo(() => new LogRows(store.totalLines, steps, collapsed), [store.totalLines, stepsKey, collapsed]);
  const toggleStep = useCallback((index: number) => {
    setCollapsed((before) => {
      const next = new Set(before);
      if (!next.delete(index)) next.add(index);
      return next;
    });
  }, []);
  const unfold = useCallback((index: number) => setCollapsed((before) => new Set([...before].filter((each) => each !== index))), []);
  return { rows, failingStep: steps.find(hasFailed) ?? null, toggleStep, unfold };
}

function mergeSteps(known: LogStep[], told: LogStore['steps']): LogStep[] {
  const merged = new Map(known.map((step) => [step.index, step]));
  for (const [index, step] of told) {
    const before = merged.get(index);
    merged.set(index, {
      index,
      ...step,
      exitCode: step.exitCode ?? before?.exitCode ?? null,
      durationMs: step.durationMs ?? before?.durationMs ?? null,
    });
  }
  return [...merged.values()];
}

const hasFailed = ({ exitCode }: LogStep): boolean => exitCode !== null && exitCode !== 0;
