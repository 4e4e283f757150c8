import { noTraffic } from '@slipway/protocol';
import { expect, it } from 'vitest';
import { newId } from '../../platform/ids.js';
import { countTraffic } from './traffic-tally.js';

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
