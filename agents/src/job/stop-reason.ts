/**
 * Why work is stopped before it is over; the `reason` of the signal that stops it.
 * `cancel`: the server asked for it. `lost`: the lease is gone, nothing more may be reported. `timeout`: the job's time is up.
 * `shutdown`: this agent ends now.
 */
export type StopReason = { kind: 'cancel'; reason: string } | { kind: 'lost' } | { kind: 'timeout' } | { kind: 'shutdown' };

/** @throws the signal's own reason when it is not one of ours. */
export function stopReasonOf(signal: AbortSignal): StopReason {
  const reason: unknown = signal.reason;
  if (typeof reason === 'object' && reason !== null && 'kind' in reason) return reason as StopReason;
  throw reason;
}
