import { useQuery } from '@apollo/client/react';
import { useEffect, useState } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { RetriedJobsDocument, type RunDetailsFragment, type RunJobFragment } from '../../generated/graphql.ts';
import { newestAttempt } from '../jobs/newest-attempt.ts';
import { jobToShow } from './choose-job.ts';

export type ShownJob =
  | { kind: 'job'; job: RunJobFragment; attemptId: string | null /** By now there is a newer try. */; isOld: boolean }
  | { kind: 'loading' }
  | { kind: 'nothing'; message: string };

/**
 * The job, and the try of it, whose log is shown. Both stand in the address: `?job=unit&attempt=…`. Without a job one is chosen on arrival
 * and written into the address, so that nothing moves on when jobs end. Without an attempt it is the newest of the moment; a later one
 * is offered, not put in its place, as somebody may be reading.
 */
export function useShownJob(run: Pick<RunDetailsFragment, 'id' | 'jobs'>): ShownJob {
  const { search } = useLocation();
  const query = new URLSearchParams(search);
  const name = query.get('job');
  const attemptId = query.get('attempt');
  const arrival = useArrivalChoice(run);
  useJobInAddress(name === null && attemptId === null ? arrival : null);
  const linked = useLinkedTry(run, attemptId);
  const held = useHeldTry(run.jobs.find((job) => job.name === (name ?? arrival)) ?? null);
  if (attemptId !== null) return linked;
  if (held) return held;
  return { kind: 'nothing', message: name === null ? 'This run has no jobs.' : `There is no job “${name}” in this run.` };
}

/** Made once for each arrival: it takes a moment until the address has it, and jobs may end meanwhile. */
function useArrivalChoice({ id, jobs }: Pick<RunDetailsFragment, 'id' | 'jobs'>): string | null {
  const { key } = useLocation();
  const at = `${id} ${key}`;
  const made = useKept<{ at: string; name: string | null }>((last) => {
    if (last?.at === at && last.name !== null) return last;
    const name = jobToShow(jobs)?.name ?? null;
    return last?.at === at && last.name === name ? last : { at, name };
  });
  return made.name;
}

function useJobInAddress(name: string | null): void {
  const { hash } = useLocation();
  const navigate = useNavigate();
  useEffect(() => {
    if (name !== null) navigate({ search: searchOfJob(name), hash }, { replace: true, preventScrollReset: true });
  }, [name, hash, navigate]);
}

export const searchOfJob = (name: string) => `?job=${encodeURIComponent(name)}`;

/** What a line link names: a try of a job that stands, or of one that was retried since. */
function useLinkedTry({ id, jobs }: Pick<RunDetailsFragment, 'id' | 'jobs'>, attemptId: string | null): ShownJob {
  const current = jobs.find((job) => hasAttempt(job, attemptId));
  const { data, error } = useQuery(RetriedJobsDocument, { variables: { id }, skip: attemptId === null || current !== undefined });
  const job = current ?? data?.run?.retriedJobs.find((each) => hasAttempt(each, attemptId));
  if (job) return { kind: 'job', job, attemptId, isOld: job !== current || newestAttempt(job.attempts)?.id !== attemptId };
  if (!data && !error) return { kind: 'loading' };
  return { kind: 'nothing', message: 'The log that this link leads to isn’t part of this run, or can’t be read right now.' };
}

const hasAttempt = (job: RunJobFragment, attemptId: string | null) => job.attempts.some((attempt) => attempt.id === attemptId);

type Held = { visit: number; job: RunJobFragment | null; attemptId: string | null };

/** Stays with the try that it first showed, until the reader goes somewhere: another `?job=`, or the same again. */
function useHeldTry(job: RunJobFragment | null): ShownJob | null {
  const visit = useVisit();
  const newestId = newestAttempt(job?.attempts ?? [])?.id ?? null;
  const held = useKept<Held>((last) => {
    const stays = last?.attemptId && last.visit === visit && last.job?.name === job?.name;
    // Of a job that was retried the last that was seen stays: it was over.
    if (stays && last.job?.id !== job?.id) return last;
    const attemptId = stays ? last.attemptId : newestId;
    return last?.job === job && last.visit === visit && last.attemptId === attemptId ? last : { visit, job, attemptId };
  });
  if (!job || !held.job) return null;
  return { kind: 'job', job: held.job, attemptId: held.attemptId, isOld: held.attemptId !== newestId };
}

/** Grows when the reader goes somewhere, and not when only a line is chosen or the page writes what it shows into its address. */
function useVisit(): number {
  const { key, search, hash } = useLocation();
  return useKept<{ key: string; search: string; hash: string; visit: number }>((last) => {
    if (!last) return { key, search, hash, visit: 0 };
    if (last.key === key) return last;
    const isSamePlace = (last.search === search && last.hash !== hash) || last.search === '';
    return { key, search, hash, visit: last.visit + (isSamePlace ? 0 : 1) };
  }).visit;
}

/**
 * What follows from the last value and the present render; the same object when nothing changed. State and not a ref, as React may render
 * a navigation that it has not shown yet, and then again the page before it: a ref would tell one what the other has found.
 */
function useKept<T>(next: (last: T | null) => T): T {
  const [kept, keep] = useState<T | null>(null);
  const value = next(kept);
  if (value !== kept) keep(value);
  return value;
}
