import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { expect, it } from 'vitest';
import { limitsOfJobs, within } from './job-limits.js';

it('gives a job a limit of everything where nobody says otherwise', async () => {
  const limits = await limitsOfJobs({}, 2, tmpdir());
  expect(limits.cpuCores).toBeLessThanOrEqual(availableParallelism());
  expect(limits.memoryMib * 1024 ** 2 * 2).toBeLessThanOrEqual(Math.max(totalmem(), 2 * 1024 ** 3));
  expect(limits).toMatchObject({ processes: 4_096, diskMib: expect.any(Number) });
});

it("takes the agent's settings", async () => {
  const set = { cpuCores: 0.5, memoryMib: 300, processes: 64, diskMib: 200 };
  expect(await limitsOfJobs(set, 1, tmpdir())).toEqual(set);
});

it('lets a job ask for less, but not for more', () => {
  const agents = { cpuCores: 2, memoryMib: 1_000, processes: 100, diskMib: 50 };
  expect(within(agents, { cpuCores: 1, memoryMib: 2_000, processes: null })).toEqual({ ...agents, cpuCores: 1 });
  expect(within(agents, { cpuCores: null, memoryMib: null, processes: 7, diskMib: 40 })).toEqual({ ...agents, processes: 7, diskMib: 40 });
});
