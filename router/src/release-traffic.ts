import { LATENCY_BOUNDS_MS, noTraffic, type Traffic } from '@slipway/protocol';
import { FIRST_BACKEND_ID } from './haproxy/configuration.js';

/** A request that is over, as HAProxy's log line has it. */
export type Exchange = {
  /** Of the environment in the configuration. */
  number: number;
  /** Null: none was chosen. */
  releaseId: string | null;
  status: number;
  /** Two letters: who ended it, and in which phase (HAProxy's configuration manual, "Session state at disconnection"). */
  ending: string;
  /** To the first byte of the answer; null: none came. */
  latencyMs: number | null;
  bytesIn: number;
  bytesOut: number;
};

export const OUTCOMES = ['2xx', '3xx', '4xx', '1xx', 'application', 'connect', 'reset', 'router', 'cut', 'aborted'] as const;
export type Outcome = (typeof OUTCOMES)[number];

const LINE = /^(\d+) (\S+) (-?\d+) (\S\S) (-?\d+) (-?\d+) (-?\d+) (\d+) (\d+)$/;

/** Null for what is no such line: a part of one, say. */
export function parseExchange(line: string): Exchange | null {
  const end = line.indexOf('\t'); // where fields of an access log follow
  const [, number, release, status, ending = '', queueMs, connectMs, answerMs, bytesIn, bytesOut] =
    LINE.exec(end < 0 ? line : line.slice(0, end)) ?? [];
  if (number === undefined) return null;
  const answered = Number(answerMs) >= 0;
  return {
    number: Number(number) - FIRST_BACKEND_ID,
    releaseId: release === '-' || release === '<NOSRV>' || !release ? null : release,
    status: Number(status),
    ending,
    latencyMs: answered ? Math.max(0, Number(queueMs)) + Math.max(0, Number(connectMs)) + Number(answerMs) : null,
    bytesIn: Number(bytesIn),
    bytesOut: Number(bytesOut),
  };
}

export function outcomeOf({ status, ending }: Exchange): Outcome {
  const [by, phase] = ending;
  switch (by) {
    case 'K':
      return 'cut';
    case 'C':
    case 'c':
      return 'aborted';
    case 'S':
      return phase === 'C' || phase === 'Q' ? 'connect' : 'reset';
    case 'L': // a page of the router's: nothing was healthy
      return status === 503 ? 'connect' : statusClass(status);
    case 's':
      return phase === 'C' ? 'connect' : 'router';
    case 'P':
      return status === 502 ? 'reset' : status >= 500 ? 'router' : statusClass(status);
    case '-':
      return status >= 500 ? 'application' : statusClass(status);
    default:
      return status >= 500 ? 'router' : statusClass(status);
  }
}

function statusClass(status: number): '1xx' | '2xx' | '3xx' | '4xx' {
  if (status < 200) return '1xx';
  if (status < 300) return '2xx';
  return status < 400 ? '3xx' : '4xx';
}

function bucketOf(latencyMs: number): number {
  const bucket = LATENCY_BOUNDS_MS.findIndex((bound) => latencyMs <= bound);
  return bucket < 0 ? LATENCY_BOUNDS_MS.length : bucket;
}

/** Of most answers: there may be ten thousand a second. */
const SHORT_BUCKETS = Array.from({ length: 100 }, (_, latencyMs) => bucketOf(latencyMs));

/** What one release was asked in one environment, since it was first routed there. */
export class ReleaseTraffic {
  /** Since this router started, as everything in its metrics. */
  readonly outcomes = new Map<Outcome, number>();
  private readonly measuredBefore: readonly number[];
  private latencySumMs = 0;
  private readonly counts: Traffic;

  constructor(releaseId: string, before?: Traffic) {
    this.counts = structuredClone(before ?? noTraffic(releaseId));
    this.counts.inFlight = 0;
    if (this.counts.latency.length !== LATENCY_BOUNDS_MS.length + 1) this.counts.latency = new Array(LATENCY_BOUNDS_MS.length + 1).fill(0);
    this.measuredBefore = [...this.counts.latency];
  }

  add(exchange: Exchange): void {
    const { counts } = this;
    const outcome = outcomeOf(exchange);
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    counts.bytesIn += exchange.bytesIn;
    counts.bytesOut += exchange.bytesOut;
    if (exchange.latencyMs !== null && exchange.status !== 101) this.time(exchange.latencyMs);
    switch (outcome) {
      case 'cut':
      case 'aborted':
        counts[outcome]++;
        break;
      case 'application':
      case 'connect':
      case 'reset':
      case 'router':
        counts.failures[outcome]++;
        counts.failed++;
        break;
      default:
        counts.served++;
    }
  }

  read(inFlight: number): Traffic {
    return { ...structuredClone(this.counts), inFlight };
  }

  measured(): { buckets: number[]; sumMs: number } {
    return { buckets: this.counts.latency.map((count, i) => count - (this.measuredBefore[i] ?? 0)), sumMs: this.latencySumMs };
  }

  private time(latencyMs: number): void {
    const at = SHORT_BUCKETS[latencyMs] ?? bucketOf(latencyMs);
    this.counts.latency[at] = (this.counts.latency[at] ?? 0) + 1;
    this.latencySumMs += latencyMs;
  }
}
