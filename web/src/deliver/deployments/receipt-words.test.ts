import { describe, expect, it } from 'vitest';
import { bytesWords, latencyWords, receiptSentence } from './receipt-words.ts';

const NO_FAILURES = { connect: 0, reset: 0, application: 0, router: 0 };
const receipt = (over: Partial<Parameters<typeof receiptSentence>[0]> = {}) => ({
  ...{ served: 0, failed: 0, cut: 0, aborted: 0, failures: NO_FAILURES, bytesIn: 0, bytesOut: 0 },
  latency: null,
  ...over,
});
/** Of an agent that counts requests and no more. */
const plain = { aborted: null, failures: null, bytesIn: null, bytesOut: null };

describe('the receipt of a deployment', () => {
  it.each([
    [receipt(), 'No request ended while it was under way.'],
    [receipt({ served: 1_284 }), '1\u2009284 served, none failed.'],
    [
      receipt({ served: 10, failed: 4, failures: { ...NO_FAILURES, application: 3, connect: 1 } }),
      '10 served, 4 failed (3 answered with 5xx, 1 refused).',
    ],
    [receipt({ served: 10, cut: 1, aborted: 2 }), '10 served, none failed, 1 cut off, 2 given up by their clients.'],
    [receipt({ ...plain, served: 10, failed: 4 }), '10 served, 4 failed.'],
  ])('is a sentence that names what happened and no more: %#', (given, sentence) => expect(receiptSentence(given)).toBe(sentence));

  it('says what was measured, and never 0 of what was not', () => {
    const measured = receipt({ served: 1, bytesIn: 2_048, bytesOut: 10, latency: { p50Ms: 2, p95Ms: 1_500, p99Ms: null } });
    expect([latencyWords(measured), bytesWords(measured)]).toEqual(['≤ 2 ms · ≤ 1\u2009500 ms · > 1 min', '2.0 KiB · 10 B']);
    const unknown = receipt({ ...plain, served: 1 });
    expect([latencyWords(unknown), bytesWords(unknown)]).toEqual(['not measured', 'not measured']);
    const nothing = receipt(plain);
    expect([latencyWords(nothing), bytesWords(nothing)]).toEqual(['–', '–']);
  });
});
