import { isJobFailed, isJobOver } from '../../domain/looks.ts';
import type { RunJobFragment } from '../../generated/graphql.ts';
import css from './jobs.module.css';
import { RulesLink } from './RulesLink.tsx';

type Ended = Pick<RunJobFragment, 'state' | 'reason' | 'message' | 'deployment'>;
type Props = {
  job: Ended;
  run: { project: { name: string }; repository: { name: string } } /** Came while the log was shown. */;
  late?: boolean;
};

/** Why a job ended as it did, in the server's words, and where to fix it. */
export function WhyEnded({ job, run, late = false }: Props) {
  const why = whyEnded(job);
  if (why === null) return null;
  return (
    <p className={late ? `${css.why} ${css.late}` : css.why} data-tone={isJobFailed(job.state) ? 'negative' : 'muted'}>
      {why} <RulesLink reason={job.reason} project={run.project.name} repository={run.repository.name} />
    </p>
  );
}

/** Leaves out what its deployment already says. */
export function whyEnded({ state, message, deployment }: Pick<Ended, 'state' | 'message' | 'deployment'>): string | null {
  return isJobOver(state) && state !== 'SUCCEEDED' && message && message !== deployment?.message ? message : null;
}
