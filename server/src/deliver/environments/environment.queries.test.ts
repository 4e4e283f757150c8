import { expect, it } from 'vitest';
import { anInstance, anObservation, aPlacedRelease } from '../deployments/testing/builders.js';
import { instancesOf } from './environment.queries.js';

it('says which instances run on with earlier limits; of those whose agent does not say, nothing', () => {
  const live = aPlacedRelease('live', { weight: 100 });
  const present = { cpuCores: 1, memoryMib: 256, storageMib: null };
  const earlier = { ...present, memoryMib: 512 };
  const instances = [earlier, present, null].map((limits) => ({ ...anInstance(live.releaseId), limits }));
  const shown = instancesOf({ desired: [live], observed: anObservation({ instances }), ...present });
  expect(shown.map(({ earlierLimits }) => earlierLimits)).toEqual([earlier, null, null]);
});
