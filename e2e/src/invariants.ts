import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { TERMINAL } from './api.js';
import { allLines, type Counting, countedLines } from './counting.js';
import { eventually } from './eventually.js';
import type { Installation } from './installation.js';
import { jobProcesses } from './processes.js';

export type Expected = {
  /** Commits whose push was answered with success. */
  pushes: string[];
  /** What the counting jobs print, by the name of the job; all of them must have run to their end. */
  counting?: Record<string, Counting>;
  /** Attempts that may have been lost, as their agent was hit. Left out: none, so that nobody was ended because something else was away. */
  mayLose?: number;
};

const SETTLED_MS = 60_000;
const CLEAN_MS = 15_000;
/** States in which a deployment has its environment for itself. */
const HOLDING = ['provisioning', 'rolling_out', 'paused', 'verifying', 'rolling_back'];

/** What holds after any fault, once everything has come to rest. */
export async function expectInvariants(installation: Installation, { pushes, counting = {}, mayLose = 0 }: Expected): Promise<void> {
  await expectRest(installation);
  await expectOneRunForEachPush(installation, pushes);
  await expectEnvironmentsHeldByOne(installation);
  await expectEveryAttemptEnded(installation, mayLose);
  await expectLogsAsPrinted(installation, counting);
  await expectNothingLeftOnTheMachine(installation);
}

/** Nothing is under way any more, and all that was decided was told. */
async function expectRest(installation: Installation): Promise<void> {
  const open: Record<string, string> = {
    runs: `select id, state from runs where state not in (${TERMINAL.map((state) => `'${state.toLowerCase()}'`).join()})`,
    jobs: `select id, name, state from jobs where state not in ('succeeded', 'failed', 'cancelled', 'timed_out', 'skipped')`,
    attempts: `select id, state from attempts where state <> 'ended'`,
    deployments: `select id, state from deployments where state not in ('succeeded', 'rolled_back', 'failed', 'superseded', 'cancelled')`,
    outbox: 'select id, subject from outbox',
    logs: 'select attempt_id from logs where not complete',
  };
  let left: Record<string, unknown[]> = {};
  const look = async () => {
    left = {};
    for (const [things, query] of Object.entries(open)) {
      const rows = await installation.sql(query);
      if (rows.length > 0) left[things] = rows;
    }
    return Object.keys(left).length === 0;
  };
  await eventually('all work to be over', SETTLED_MS, look).catch((error) => {
    throw new Error(`${error.message} Still open: ${JSON.stringify(left, null, 1)}`);
  });
}

async function expectOneRunForEachPush(installation: Installation, pushes: string[]): Promise<void> {
  const runs = await installation.sql<{ sha: string; runs: number; states: string[] }>(
    `select p.new_sha as sha, count(r.id)::int as runs, array_agg(r.state) as states
     from pushes p left join runs r on r.push_id = p.id where p.new_sha = any($1) group by p.id, p.new_sha`,
    [pushes],
  );
  for (const sha of pushes) {
    const found = runs.filter((row) => row.sha === sha);
    expect(found, `rows of the push of ${sha}`).toHaveLength(1);
    expect(found[0], `runs of the push of ${sha}`).toMatchObject({ runs: 1 });
  }
  const stray = await installation.sql(`select commit_sha, trigger from runs where trigger = 'push' and push_id is null`);
  expect(stray, 'runs of pushes that nobody made').toEqual([]);
}

/** By what was recorded of each deployment's moves: the times in which two hold one environment must not overlap. */
async function expectEnvironmentsHeldByOne(installation: Installation): Promise<void> {
  const moves = await installation.sql<{ environment: string; deployment: string; state: string }>(
    `select d.environment_id as environment, d.id as deployment, h.to_state as state
     from history h join deployments d on d.id = h.thing_id where h.thing = 'deployment' and h.to_state is not null order by h.id`,
  );
  const holders = new Map<string, string>();
  for (const { environment, deployment, state } of moves) {
    const holder = holders.get(environment);
    if (HOLDING.includes(state)) {
      expect(holder ?? deployment, `holder of environment ${environment} while deployment ${deployment} was ${state}`).toBe(deployment);
      holders.set(environment, deployment);
    } else if (holder === deployment) holders.delete(environment);
  }
}

async function expectEveryAttemptEnded(installation: Installation, mayLose: number): Promise<void> {
  const ended = await installation.sql<{ job: string; kind: string; reason: string | null }>(
    `select j.name as job, a.outcome->>'kind' as kind, a.outcome->>'reason' as reason from attempts a join jobs j on j.id = a.job_id`,
  );
  // An offer that was not taken in time was never begun: nobody lost anything.
  const lost = ended.filter(({ kind, reason }) => ['lost', 'error', 'stopped', 'timed_out'].includes(kind) && reason !== 'not_accepted');
  expect(lost.length, `attempts that did not come to an end of their own: ${JSON.stringify(lost)}`).toBeLessThanOrEqual(mayLose);
}

/** The log of the attempt that counts is what was printed, whole; that of one that was lost is a beginning of it. */
async function expectLogsAsPrinted(installation: Installation, counting: Record<string, Counting>): Promise<void> {
  const attempts = await installation.sql<{ id: string; job: string; counts: boolean }>(
    `select a.id, j.name as job, a.outcome->>'kind' = 'passed' as counts from attempts a join jobs j on j.id = a.job_id
     where j.name = any($1) and a.accepted_at is not null order by a.number`,
    [Object.keys(counting)],
  );
  for (const [job, { lines }] of Object.entries(counting)) {
    const own = attempts.filter((attempt) => attempt.job === job);
    expect(own.filter(({ counts }) => counts).length, `attempts of ${job} that passed`).toBeGreaterThan(0);
    for (const { id, counts } of own) {
      const printed = countedLines(await installation.api.logText(id));
      expect(printed, `log of ${job}, attempt ${id}`).toEqual(allLines(lines).slice(0, counts ? lines : printed.length));
    }
  }
}

async function expectNothingLeftOnTheMachine(installation: Installation): Promise<void> {
  const { dataDir } = installation;
  let left: unknown[] = [];
  const look = async () => {
    const folders = await Promise.all(['slots', 'spool', 'archives'].map((name) => contentOf(join(dataDir, 'agent', name))));
    left = [...folders.flat(), ...jobProcesses(dataDir)];
    return left.length === 0;
  };
  await eventually('the machine to be clean', CLEAN_MS, look).catch((error) => {
    throw new Error(`${error.message} Left: ${JSON.stringify(left, null, 1)}`);
  });
}

/** Folders of slots stay, what is in them goes; mirrors are caches and are not looked at. */
async function contentOf(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true }).catch((error) => {
    if (error.code === 'ENOENT') return []; // made when it is first needed
    throw error;
  });
  return found.filter((path) => !/^\d+$/.test(path)).map((path) => join(folder, path));
}
