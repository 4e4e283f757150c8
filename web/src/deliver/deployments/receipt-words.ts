import type { ReceiptFiguresFragment } from '../../generated/graphql.ts';
import { formatBytes, formatCount } from '../../ui/format.ts';

type Receipt = ReceiptFiguresFragment;

/** How the requests ended, in a sentence; reasons and the rarer endings only where there are any. */
export function receiptSentence(receipt: Receipt): string {
  const { served, failed, cut, aborted } = receipt;
  if (requestsOf(receipt) === 0) return 'No request ended while it was under way.';
  const reasons = failureWords(receipt);
  const parts = [
    `${formatCount(served)} served`,
    failed === 0 ? 'none failed' : `${formatCount(failed)} failed${reasons ? ` (${reasons})` : ''}`,
    ...(cut > 0 ? [`${formatCount(cut)} cut off`] : []),
    ...(aborted ? [`${formatCount(aborted)} given up by their clients`] : []),
  ];
  return `${parts.join(', ')}.`;
}

function failureWords({ failures }: Receipt): string {
  if (!failures) return '';
  const { connect, reset, application, router } = failures;
  const words: [number, string][] = [
    [application, 'answered with 5xx'],
    [connect, 'refused'],
    [reset, 'broken off by the application'],
    [router, 'answered by the router'],
  ];
  return words.flatMap(([count, what]) => (count > 0 ? [`${formatCount(count)} ${what}`] : [])).join(', ');
}

/** The figures beside it. `null`: there is nothing to measure, or nothing that was. */
export function latencyWords(receipt: Receipt): string {
  const { latency } = receipt;
  return latency ? [latency.p50Ms, latency.p95Ms, latency.p99Ms].map(upTo).join(' · ') : unmeasured(receipt);
}

export function bytesWords(receipt: Receipt): string {
  const { bytesIn, bytesOut } = receipt;
  const known = typeof bytesIn === 'number' && typeof bytesOut === 'number';
  return known ? `${formatBytes(bytesIn)} · ${formatBytes(bytesOut)}` : unmeasured(receipt);
}

const requestsOf = ({ served, failed, cut, aborted }: Receipt): number => served + failed + cut + (aborted ?? 0);
const unmeasured = (receipt: Receipt): string => (requestsOf(receipt) === 0 ? '–' : 'not measured');

/** Figures are rounded up to a bound, the last of which is a minute. */
const upTo = (ms: number | null | undefined): string => (typeof ms === 'number' ? `≤ ${formatCount(ms)} ms` : '> 1 min');
