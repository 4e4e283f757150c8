import { isJobFailed } from '../../domain/looks.ts';
import { waitingDetail } from '../../domain/StateBadges.tsx';
import type { RunJobFragment } from '../../generated/graphql.ts';
import { formatCount } from '../../ui/format.ts';

/** What there is to say of a job in a line: why it waits, failed or was left out; how its tests went. */
export function jobNote(job: RunJobFragment): string | null {
  const waiting = waitingDetail(job);
  if (waiting) return job.state === 'QUEUED' && !job.message ? `queued, ${waiting}` : waiting;
  if (job.tests && job.tests.failed > 0)
    return `${formatCount(job.tests.failed)} of ${formatCount(job.tests.failed + job.tests.passed)} tests failed`;
  if (job.tests && job.tests.passed > 0) return `${formatCount(job.tests.passed)} ${job.tests.passed === 1 ? 'test' : 'tests'} passed`;
  if (isJobFailed(job.state) || job.state === 'SKIPPED' || job.state === 'CANCELLED') return job.message ?? job.reason ?? null;
  return job.environmentName ? `to ${job.environmentName}` : null;
}
