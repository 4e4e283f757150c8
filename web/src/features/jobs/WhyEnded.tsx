import { Link } from 'react-router';
import type { RunJobFragment } from '../../generated/graphql.ts';
import { addressOf } from '../states/addresses.ts';
import { isJobFailed, isJobOver } from '../states/looks.ts';
import css from './jobs.module.css';

type Props = {
  job: Pick<RunJobFragment, 'state' | 'reason' | 'message'>;
  run: { project: { name: string }; repository: { name: string } };
};

/** Reasons that a branch rule can mend. */
const OF_RULES = new Set(['rule_missing', 'branch_rule']);

/** Why a job ended so, and where to mend it. */
export function WhyEnded({ job, run }: Props) {
  if (!isJobOver(job.state) || !job.message || job.state === 'SUCCEEDED') return null;
  return (
    <p className={css.why} data-tone={isJobFailed(job.state) ? 'negative' : 'muted'}>
      {job.message}
      {job.reason && OF_RULES.has(job.reason) ? (
        <>
          {' '}
          <Link to={addressOf.repositorySettings(run.project.name, run.repository.name)}>Branch rules of {run.repository.name}</Link>
        </>
      ) : null}
    </p>
  );
}
