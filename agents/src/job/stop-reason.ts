import type { Outcome } from '@slipway/protocol';

/**
 * Why work is stopped before it is over; the `reason` of the signal that stops it. `cancel`: the server asked for it. `lost`: the lease is gone, so
 * nothing more may be reported. `timeout`: the job's time is up. `shutdown`: this agent is ending.
 */
export type StopReason = { kind: 'cancel'; reason: string } | { kind: 'lost' } | { kind: 'timeout' } | { kind: 'shutdown' };

/** @throws the signal's own reason when it is not one of ours. */
function stopReasonOf(signal: AbortSignal): StopReason {
  const reason: unknown = signal.reason;
  if (typeof reason === 'object' && reason !== null && 'kind' in reason) return reason as StopReason;
  throw reason;
}

/** The outcome that is reported for stopped work. */
export function stoppedOutcome(stop: AbortSignal): Outcome {
  const reason = stopReasonOf(stop);
  if (reason.kind === 'timeout') return { kind: 'timed_out' };
  return { kind: 'stopped', reason: reason.kind === 'cancel' ? reason.reason : reason.kind };
}

/** Aborts with `timeout` when the time is up; to be disposed of when the work is over. */
export function timeLimit(ms: number): Disposable & { signal: AbortSignal } {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort({ kind: 'timeout' } satisfies StopReason), ms);
  return { signal: limit.signal, [Symbol.dispose]: () => clearTimeout(timer) };
}
