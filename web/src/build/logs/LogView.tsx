import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import { LogProblem } from './LogProblem.tsx';
import css from './LogView.module.css';
import type { LogStep } from './log-rows.ts';
import { OpenLog } from './OpenLog.tsx';
import { useLogSource } from './use-log-source.ts';

type LogViewProps = {
  jobId: string;
  /** Used in addresses of lines if the page shows one of several jobs. */
  jobName?: string | null;
  attemptId: string;
  label: string;
  /** As the job knows them; those that the log itself tells of are added. */
  steps: LogStep[];
  /** Opens at the end of the step that failed, instead of at the end of the log. */
  openAtFailure: boolean;
};

/** A log of any length: fetched by range, drawn by what is in view, live while it grows. */
export function LogView({ jobId, jobName = null, attemptId, ...shown }: LogViewProps) {
  const source = useLogSource(jobId, attemptId);
  if (source?.opened) return <OpenLog key={attemptId} source={source} jobName={jobName} attemptId={attemptId} {...shown} />;
  return (
    <div className={css.view}>
      <LogProblem problem={source?.problem ?? null} />
      <RowsSkeleton rows={10} label="Loading the log" />
    </div>
  );
}
