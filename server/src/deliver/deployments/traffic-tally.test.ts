import { noTraffic, type Traffic } from '@slipway/protocol';
import { expect, it } from 'vitest';
import { newId } from '../../platform/ids.js';
import { countTraffic, receiptOf } from './traffic-tally.js';

const [old, fresh] = [newId(), newId()];
const counted = (releaseId: string, served: number, failed = 0, cut = 0) => ({ ...noTraffic(releaseId), served, failed, cut });

it('counts only what happened since the first look, of every release, also one that appears or goes later', () => {
  let tally = countTraffic(null, [counted(old, 1_000, 5)]);
  expect(tally.total).toEqual({ served: 0, failed: 0, cut: 0 });
  tally = countTraffic(tally, [counted(old, 1_010, 5), counted(fresh, 7)]);
  tally = countTraffic(tally, [counted(fresh, 20, 1)]);
  tally = countTraffic(tally, [counted(old, 1_012, 5, 2), counted(fresh, 20, 1)]);
  expect(tally.total).toEqual({ served: 32, failed: 1, cut: 2 });
});

it('takes counters that fell for begun anew', () => {
  const tally = countTraffic(countTraffic(null, [counted(old, 100)]), [counted(old, 3)]);
  expect(tally.total.served).toBe(3);
});

const FAILURES = { connect: 0, reset: 0, application: 0, router: 0 };
const measured = (releaseId: string, over: Partial<Traffic>): Traffic => ({
  ...noTraffic(releaseId),
  ...{ bytesIn: 100, bytesOut: 1_000, latency: [1] },
  ...over,
});

it('counts classes of failures, bytes and latency as it counts requests', () => {
  let tally = countTraffic(null, [measured(old, { served: 50, failed: 1, failures: { ...FAILURES, application: 1 } })]);
  tally = countTraffic(tally, [
    measured(old, { served: 52, failed: 3, failures: { ...FAILURES, application: 2, reset: 1 }, bytesIn: 300, latency: [1, 0, 4] }),
    measured(fresh, { aborted: 2, failed: 1, failures: { ...FAILURES, connect: 1 } }),
  ]);
  expect(receiptOf(tally)).toEqual({
    ...{ served: 2, failed: 3, cut: 0, aborted: 2, bytesIn: 300, bytesOut: 1_000 },
    failures: { connect: 1, reset: 1, application: 1, router: 0 },
    latency: [1, 0, 4],
  });
});

it('takes all of a release for begun anew when one of its counters fell', () => {
  const first = countTraffic(null, [measured(old, { served: 100, bytesOut: 9_000, latency: [90, 10] })]);
  const tally = countTraffic(first, [measured(old, { served: 120, bytesOut: 500, latency: [120] })]);
  expect(receiptOf(tally)).toMatchObject({ served: 120, bytesOut: 500, latency: [120] });
});

it('says nothing of figures where an agent counts requests and no more, and where nothing was asked', () => {
  const plain = countTraffic(countTraffic(null, []), [counted(old, 5), measured(fresh, { served: 1 })]);
  expect(receiptOf(plain)).toEqual({ served: 6, failed: 0, cut: 0 });
  expect(receiptOf(countTraffic(null, [measured(old, { served: 5 })]))).toEqual({ served: 0, failed: 0, cut: 0 });
  const ofBefore = { total: { served: 3, failed: 0, cut: 0 }, last: { [old]: { served: 3, failed: 0, cut: 0 } } };
  expect(receiptOf(countTraffic(ofBefore, [measured(old, { served: 4 })]))).toEqual({ served: 4, failed: 0, cut: 0 });
});

it('counts on from where an agent of before left off once it says its figures', () => {
  const tally = countTraffic(countTraffic(null, [counted(old, 1_000)]), [measured(old, { served: 1_003, latency: [3] })]);
  expect(receiptOf(tally)).toMatchObject({ served: 3, bytesIn: 100, latency: [3] });
});

it('stays bounded whatever an agent says', () => {
  const most = Number.MAX_SAFE_INTEGER;
  let tally = countTraffic(null, []);
  for (let look = 0; look < 3; look += 1) {
    const traffic = Array.from({ length: 400 }, () => measured(newId(), { served: most, bytesIn: most, latency: [most] }));
    tally = countTraffic(tally, traffic);
  }
  expect(receiptOf(tally)).toMatchObject({ served: 2 ** 31 - 1, bytesIn: most, latency: [2 ** 31 - 1] });
  expect(Object.keys(tally.last)).toHaveLength(500);
  expect(JSON.stringify(tally).length).toBeLessThan(250_000);
});
