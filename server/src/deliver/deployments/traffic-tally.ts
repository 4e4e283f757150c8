import type { Failures, Traffic } from '@slipway/protocol';

export type Counts = { served: number; failed: number; cut: number };

/** What older agents did not report. `latency`: see `LATENCY_BOUNDS_MS`. */
export type Figures = { aborted: number; failures: Failures; bytesIn: number; bytesOut: number; latency: number[] };

/** Requests since a deployment began, and the counters as last seen, by the id that the agent knows a release by. */
export type TrafficTally = {
  total: Counts;
  /** Left out in tallies from before they were counted. */
  figures?: Figures;
  /** Whether requests ended of which no figures are known. */
  hasUnmeasured?: boolean;
  last: Record<string, Counters>;
};

/** What is kept of a tally once the deployment is over; without figures, they were not measured. */
export type Receipt = Counts & Partial<Figures>;

type Counters = Counts & Partial<Figures>;

const NONE: Counts = { served: 0, failed: 0, cut: 0 };
const NO_FIGURES: Figures = {
  aborted: 0,
  failures: { connect: 0, reset: 0, application: 0, router: 0 },
  bytesIn: 0,
  bytesOut: 0,
  latency: [],
};

/** Sums do not exceed this: an agent may report any number, and the API has 32 bits for them. */
const MOST_REQUESTS = 2 ** 31 - 1;
/** How many releases are remembered, the latest first: an agent may name a new one each time. */
const MOST_RELEASES = 500;

/**
 * Adds what happened since the last look. The first look only notes where the counters stand; a release that appears later began
 * at zero, and one of whose counters any fell was begun anew by a restarted router, in all of them.
 */
export function countTraffic(tally: TrafficTally | null, traffic: readonly Traffic[]): TrafficTally {
  const seen = traffic.slice(0, MOST_RELEASES).map((each) => [each.releaseId, countersOf(each)] as const);
  if (!tally) return { total: NONE, figures: NO_FIGURES, hasUnmeasured: false, last: Object.fromEntries(seen) };
  let { total, figures = NO_FIGURES, hasUnmeasured = true } = tally;
  for (const [releaseId, now] of seen) {
    const before = tally.last[releaseId];
    const since = before && !fell(now, before) ? difference(now, before) : now;
    total = { served: sum(total.served, since.served), failed: sum(total.failed, since.failed), cut: sum(total.cut, since.cut) };
    if (isMeasured(since)) figures = addFigures(figures, since);
    else hasUnmeasured ||= since.served + since.failed + since.cut > 0;
  }
  return { total, figures, hasUnmeasured, last: remember(tally.last, seen) };
}

export function receiptOf({ total, figures, hasUnmeasured = true }: TrafficTally): Receipt {
  const ended = total.served + total.failed + total.cut + (figures?.aborted ?? 0);
  return hasUnmeasured || ended === 0 ? total : { ...total, ...figures };
}

type Measured = Counts & Figures;
const isMeasured = (counters: Counters): counters is Measured => counters.latency !== undefined;

/** Every finished request took some bytes, so if none are reported, they are not counted. */
function countersOf({ releaseId: _, inFlight: __, served, failed, cut, ...figures }: Traffic): Counters {
  const measured = figures.bytesIn + figures.bytesOut + figures.aborted + figures.latency.length > 0;
  return { served, failed, cut, ...(measured ? figures : {}) };
}

/** If an agent reports the figures for the first time, as after an update, they count from now on. */
function difference(now: Counters, before: Counters): Counters {
  const counts = { served: now.served - before.served, failed: now.failed - before.failed, cut: now.cut - before.cut };
  if (!isMeasured(now)) return counts;
  const than = isMeasured(before) ? before : NO_FIGURES;
  return { ...counts, ...eachFigure(now, than, (a, b) => a - b) };
}

function fell(now: Counters, before: Counters): boolean {
  if (now.served < before.served || now.failed < before.failed || now.cut < before.cut) return true;
  if (!isMeasured(now) || !isMeasured(before)) return false;
  const numbers = numbersOf(now);
  return numbersOf(before).some((number, index) => number > (numbers[index] ?? 0));
}

const numbersOf = ({ aborted, failures: { connect, reset, application, router }, bytesIn, bytesOut, latency }: Figures): number[] => [
  ...[aborted, connect, reset, application, router, bytesIn, bytesOut],
  ...latency,
];

const sum = (a: number, b: number): number => Math.min(a + b, MOST_REQUESTS);

function addFigures(to: Figures, more: Figures): Figures {
  const bytes = (a: number, b: number) => Math.min(a + b, Number.MAX_SAFE_INTEGER);
  return { ...eachFigure(to, more, sum), bytesIn: bytes(to.bytesIn, more.bytesIn), bytesOut: bytes(to.bytesOut, more.bytesOut) };
}

function eachFigure(a: Figures, b: Figures, does: (a: number, b: number) => number): Figures {
  const buckets = Math.max(a.latency.length, b.latency.length);
  return {
    aborted: does(a.aborted, b.aborted),
    failures: {
      connect: does(a.failures.connect, b.failures.connect),
      reset: does(a.failures.reset, b.failures.reset),
      application: does(a.failures.application, b.failures.application),
      router: does(a.failures.router, b.failures.router),
    },
    bytesIn: does(a.bytesIn, b.bytesIn),
    bytesOut: does(a.bytesOut, b.bytesOut),
    latency: Array.from({ length: buckets }, (_, index) => does(a.latency[index] ?? 0, b.latency[index] ?? 0)),
  };
}

function remember(last: Record<string, Counters>, seen: readonly (readonly [string, Counters])[]): Record<string, Counters> {
  const present = new Set(seen.map(([releaseId]) => releaseId));
  const gone = Object.entries(last).filter(([releaseId]) => !present.has(releaseId));
  return Object.fromEntries([...gone.slice(Math.max(0, gone.length + seen.length - MOST_RELEASES)), ...seen]);
}
