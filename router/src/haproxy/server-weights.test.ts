import { expect, it } from 'vitest';
import { serverWeights } from './server-weights.js';

const release = (releaseId: string, weight: number, instances: number) => Array.from({ length: instances }, () => ({ releaseId, weight }));

it('gives each release its share within a quarter of a percent, whatever the numbers of instances', () => {
  for (let share = 1; share < 100; share++)
    for (const [few, many] of [
      [1, 1],
      [1, 10],
      [10, 1],
      [3, 7],
      [20, 20],
    ] as const) {
      const backends = [...release('a', share, few), ...release('b', 100 - share, many)];
      const weights = serverWeights(backends);
      const sum = (of: string) => weights.reduce((total, weight, i) => total + (backends[i]?.releaseId === of ? weight : 0), 0);
      expect(Math.max(...weights)).toBeLessThanOrEqual(256);
      expect(Math.abs(sum('a') / (sum('a') + sum('b')) - share / 100), `${share} % on ${few} and ${many}`).toBeLessThan(0.0025);
    }
});

it('treats the instances of one release alike, and gives nothing to what has no share', () => {
  expect(serverWeights([...release('a', 100, 3), ...release('b', 0, 2)])).toEqual([256, 256, 256, 0, 0]);
  expect(serverWeights([])).toEqual([]);
});
