import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Api, LiveApi } from '../lib/api.ts';
import type { Bench } from '../lib/bench.ts';
import { dispatchFloor } from '../lib/dispatch-floor.ts';
import { Installation } from '../lib/installation.ts';
import { makeRepository } from '../lib/repository.ts';
import { median, percentile } from '../lib/statistics.ts';

const RUNS = 200;
const WARM_UP_RUNS = 10;
/** Between two runs, so that the end of one (its log is sealed, its folders go) is not part of the next. */
const REST_MS = 75;
const PRINTED = 'the first line that the job prints';
const PIPELINE = `on: manual\njobs:\n  one:\n    kind: build\n    steps:\n      - run: echo ${PRINTED}\n`;

/** Milliseconds from the trigger on. */
type Times = { anyLine: number; printedLine: number; runId: string; triggeredAt: number; printedAt: number };

/** Runs one after the other, each on an idle installation: from the trigger to the first line at a subscriber. */
export const bench: Bench = async () => {
  await using installation = await Installation.running({ SLIPWAY_SAMPLE: 'off' });
  const repository = await makeRepository(installation, 'dispatch', { '.slipway.yml': PIPELINE, 'README.md': 'Small.\n' });
  await using live = installation.api.open();
  for (let n = 0; n < WARM_UP_RUNS; n++) await oneRun(installation.api, live, repository.id);
  const floor = await dispatchFloor(installation);
  const all: Times[] = [];
  for (let n = 0; n < RUNS; n++) all.push(await oneRun(installation.api, live, repository.id));
  const printed = all.map(({ printedLine }) => printedLine);
  const p50 = median(printed);
  const { databaseUrl } = await installation.services();
  return {
    rows: [
      { what: 'trigger → first printed line, p50', value: p50, unit: 'ms', floor: floor.p50, aim: { most: 100 } },
      { what: 'the same, p99', value: percentile(printed, 0.99), unit: 'ms', floor: floor.p99, aim: { most: 3 * p50 } },
      { what: 'trigger → any line (checkout is done), p50', value: median(all.map(({ anyLine }) => anyLine)), unit: 'ms' },
      ...(await stages(databaseUrl, all)),
    ],
    notes: [
      `${RUNS} runs of one job, one after the other, each with the checkout of a repository of two files: jobs without a checkout don't exist, so the aim without one is not measured.`,
      'Floor: the same sandboxed shell, three commits and two JetStream round trips, on the same Postgres, nats-server and machine.',
    ],
  };
};

async function oneRun(api: Api, live: LiveApi, repositoryId: string): Promise<Times> {
  const startedAt = performance.now();
  const triggeredAt = Date.now();
  const { id, jobs } = await api.trigger(repositoryId);
  const times: Times = { anyLine: Number.NaN, printedLine: Number.NaN, runId: id, triggeredAt, printedAt: Number.NaN };
  await live.followLog((jobs[0] as { id: string }).id, ({ text, times: printedAt }) => {
    if (text !== '' && Number.isNaN(times.anyLine)) times.anyLine = performance.now() - startedAt;
    const line = text.split('\n').indexOf(PRINTED);
    if (line < 0) return;
    times.printedLine = performance.now() - startedAt;
    times.printedAt = printedAt[line] as number;
  });
  const state = await live.runEnd(id);
  if (state !== 'SUCCEEDED') throw new Error(`A run ended ${state}.`);
  await sleep(REST_MS);
  return times;
}

/** Where the time goes, by the clock of the machine; to the millisecond. */
async function stages(databaseUrl: string, all: Times[]) {
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  const { rows } = await database.query<{ id: string; created: number; assigned: number; accepted: number }>(
    `select j.run_id as id, ${['j.created_at', 'a.created_at', 'a.accepted_at'].map((at, n) => `extract(epoch from ${at})::float8 * 1000 as ${['created', 'assigned', 'accepted'][n]}`).join(', ')}
     from jobs j join attempts a on a.job_id = j.id where j.run_id = any($1)`,
    [all.map(({ runId }) => runId)],
  );
  await database.end();
  const found = new Map(rows.map((row) => [row.id, row]));
  const part = (what: string, of: (times: Times, row: (typeof rows)[number]) => number) => ({
    what: `  of which ${what}, p50`,
    value: median(all.map((times) => of(times, found.get(times.runId) as (typeof rows)[number]))),
    unit: 'ms',
  });
  return [
    part('trigger → assigned', ({ triggeredAt }, row) => row.assigned - triggeredAt),
    part('assigned → accepted', (_, row) => row.accepted - row.assigned),
    part('accepted → printed (checkout, sandbox)', ({ printedAt }, row) => printedAt - row.accepted),
    part('printed → subscriber', ({ triggeredAt, printedLine, printedAt }) => triggeredAt + printedLine - printedAt),
  ];
}
