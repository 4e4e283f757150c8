import type { AttemptEvent, Outcome, Work } from '@slipway/protocol';
import { shorten } from '@slipway/protocol';
import type { AttemptLog } from '../logs/attempt-log.js';
import { JOB_NAME_PREFIX } from '../sandbox/sandbox.js';
import { fetchNeeds, storeArtifacts } from './artifacts.js';
import { Infrastructure, JobFailure } from './job-failure.js';
import { type FullLimits, within } from './job-limits.js';
import type { KeptCheckouts } from './kept-checkouts.js';
import { Mirror } from './mirror.js';
import { reportTests } from './reports.js';
import type { ServerAccess } from './server-http.js';
import { runSteps } from './steps.js';
import { stoppedOutcome, timeLimit } from './stop-reason.js';
import { Workspace, type WorkspaceDeps } from './workspace.js';

export type RunJobDeps = WorkspaceDeps & {
  log: AttemptLog;
  /** Queued in order; see AttemptReports. */
  report(event: AttemptEvent): void;
  /** Its reason is a {@link StopReason}. */
  stop: AbortSignal;
  httpUrl: string;
  mirrorOf(repositoryId: string): Mirror;
  checkouts: KeptCheckouts;
  /** The most that a job gets on this agent. */
  limits: FullLimits;
  /** For archives on their way. */
  spoolDir: string;
};

/** Runs a build or test job to its end. A failing step is an outcome; only a broken agent throws. */
export async function runJob(work: Work, deps: RunJobDeps): Promise<Outcome> {
  using limit = timeLimit(work.timeoutMs);
  const stop = AbortSignal.any([deps.stop, limit.signal]);
  try {
    await using workspace = await Workspace.make(deps, `${JOB_NAME_PREFIX}${work.attempt}`);
    const outcome = await runIn(workspace, work, { ...deps, stop });
    if (work.checkout) void deps.mirrorOf(work.checkout.repositoryId).tidy();
    return stop.aborted ? stoppedOutcome(stop) : outcome;
  } catch (error) {
    if (stop.aborted) return stoppedOutcome(stop);
    return outcomeOf(error, deps.log);
  }
}

async function runIn(workspace: Workspace, work: Work, deps: RunJobDeps): Promise<Outcome> {
  const { log, stop, spoolDir } = deps;
  const notice = (text: string): void => log.notice(text);
  const server: ServerAccess = { httpUrl: deps.httpUrl, token: work.token, signal: stop };
  const artifacts = { workspace, server, spoolDir, bounds: deps.program.archiveBounds, notice };
  const limits = within(deps.limits, work.limits);
  using disk = workspace.watchDisk(limits.diskMib);
  await checkOut(workspace, work, server, deps);
  await fetchNeeds(work, artifacts);
  const failure = await runSteps(work, { ...deps, workspace, limits, disk });
  await reportTests(work, { workspace, notice, report: deps.report, stop });
  stop.throwIfAborted();
  if (failure) return failure;
  await storeArtifacts(work, artifacts);
  return { kind: 'passed' };
}

async function checkOut(
  workspace: Workspace,
  { checkout }: Work,
  server: ServerAccess,
  { log, mirrorOf, checkouts, slot, stop }: RunJobDeps,
): Promise<void> {
  if (!checkout) return;
  const startedAt = performance.now();
  const mirror = mirrorOf(checkout.repositoryId);
  const { fetched } = await mirror.bring(checkout, server);
  const origin = checkout.remoteUrl ?? new URL(checkout.path, server.httpUrl).href;
  const { isReused, lfsPointers } = await workspace.checkOut(checkout, {
    mirror,
    kept: checkouts.placeFor(slot.index, checkout),
    origin,
    stop,
  });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(2);
  const how = [...(fetched ? [] : ['already on this agent']), ...(isReused ? ['from an earlier checkout'] : [])];
  log.notice(`Checked out ${shorten(checkout.sha, 10)} in ${[`${seconds} s`, ...how].join(', ')}.`);
  if (lfsPointers > 0) log.notice(pointersLeft(lfsPointers));
}

const pointersLeft = (count: number): string =>
  `${count === 1 ? '1 file is a Git LFS pointer' : `${count} files are Git LFS pointers`} without the content: Slipway does not fetch LFS objects. A step that needs them has to run "git lfs pull" with a credential for the host.`;

function outcomeOf(error: unknown, log: AttemptLog): Outcome {
  if (error instanceof JobFailure) {
    log.notice(error.message);
    return { kind: 'failed', reason: error.reason, message: error.message, step: null, exitCode: null };
  }
  const message = error instanceof Error ? error.message : String(error);
  log.notice(`This agent could not go on: ${message}`);
  return { kind: 'error', reason: error instanceof Infrastructure ? error.reason : 'agent_failed', message };
}
