import type { Bench } from '../lib/bench.ts';
import { Installation } from '../lib/installation.ts';
import { connectTo, natsOf } from '../lib/nats.ts';
import { Program } from '../lib/program.ts';
import { makeRepository } from '../lib/repository.ts';
import { median, percentile } from '../lib/statistics.ts';

const LINES = 1_500;
const EVERY_MS = 10;
/** Lines of the job's start, when it competes with its own beginning. */
const WARM_UP_LINES = 50;
const NANOS_PER_MS = 1e6;

/** Prints the monotonic clock, which all processes of a machine share. */
const PRINTER = `
const { writeSync } = require('node:fs');
let n = 0;
const timer = setInterval(() => {
  if (n++ === ${LINES}) return clearInterval(timer);
  writeSync(1, 'at ' + process.hrtime.bigint() + '\\n');
}, ${EVERY_MS});
`;
const PIPELINE = 'on: manual\njobs:\n  one:\n    kind: build\n    steps:\n      - run: node print.cjs\n';

/** One quiet job, one viewer: from the moment a line is printed to the moment a graphql-ws client has it. */
export const bench: Bench = async () => {
  await using installation = await Installation.running({ SLIPWAY_SAMPLE: 'off' });
  const repository = await makeRepository(installation, 'latency', { '.slipway.yml': PIPELINE, 'print.cjs': PRINTER });
  await using live = installation.api.open();
  const took: number[] = [];
  const { jobs } = await installation.api.trigger(repository.id);
  await live.followLog((jobs[0] as { id: string }).id, ({ text }) => {
    const now = process.hrtime.bigint();
    for (const [, at] of text.matchAll(/^at (\d+)$/gm)) took.push(Number(now - BigInt(at as string)) / NANOS_PER_MS);
  });
  if (took.length !== LINES) throw new Error(`${LINES} lines were printed and ${took.length} seen.`);
  const floor = await roundTrips(installation);
  const steady = took.slice(WARM_UP_LINES);
  return {
    rows: [
      { what: 'print → viewer, p50', value: median(steady), unit: 'ms', floor: median(floor), aim: { most: 5 } },
      { what: 'print → viewer, p99', value: percentile(steady, 0.99), unit: 'ms', floor: percentile(floor, 0.99), aim: { most: 25 } },
      { what: 'print → viewer, worst', value: Math.max(...steady), unit: 'ms', floor: Math.max(...floor) },
    ],
    notes: [
      `${LINES} lines, one each ${EVERY_MS} ms; the first ${WARM_UP_LINES} are left out. Floor: a NATS request and its reply between two processes, at the same pace.`,
    ],
  };
};

async function roundTrips(installation: Installation): Promise<number[]> {
  const place = await natsOf(installation);
  await using echo = new Program('nats-echo.ts', [JSON.stringify(place)]);
  await echo.ready;
  const nats = await connectTo(place);
  const took: number[] = [];
  for (let n = 0; n < 500; n++) {
    const startedAt = performance.now();
    await nats.request('bench.echo', String(startedAt));
    took.push(performance.now() - startedAt);
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  await nats.close();
  return took.slice(WARM_UP_LINES);
}
