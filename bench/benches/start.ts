import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startNats, startPostgres } from '../../scripts/services/throwaway.mjs';
import type { Bench } from '../lib/bench.ts';
import { Installation } from '../lib/installation.ts';
import { median } from '../lib/statistics.ts';

const STARTS = 5;
const LOOK_EVERY_MS = 5;
/** Then the agent is up too, and a stop stops all of it. */
const SETTLE_MS = 1_000;

type Start = { pageMs: number; linkMs: number };

/** `npm start` with everything installed and built, on data that is there already, until the page answers. */
export const bench: Bench = async () => {
  await using installation = await Installation.create();
  const first = await startOnce(installation);
  await sleep(3_000); // the sample's first run is under way, as for a newcomer who stops early
  const starts: Start[] = [];
  for (let n = 0; n < STARTS; n++) {
    await installation.stop();
    starts.push(await startOnce(installation));
  }
  const stopping = performance.now();
  await installation.stop();
  const stopMs = performance.now() - stopping;
  const floor = await servicesAlone();
  const of = (read: (start: Start) => number) => median(starts.map(read));
  return {
    rows: [
      { what: 'npm start → page answers, median', value: of(({ pageMs }) => pageMs), unit: 'ms', floor, aim: { most: 5_000 } },
      { what: 'npm start → page answers, slowest', value: Math.max(...starts.map(({ pageMs }) => pageMs)), unit: 'ms' },
      { what: 'npm start → line with the address, median', value: of(({ linkMs }) => linkMs), unit: 'ms' },
      { what: 'the very first start (makes the database)', value: first.pageMs, unit: 'ms' },
      { what: 'Ctrl-C → all has ended', value: stopMs, unit: 'ms' },
    ],
    notes: [`${STARTS} starts. Floor: Postgres and nats-server alone, side by side, on data that is there.`],
  };
};

async function startOnce(installation: Installation): Promise<Start> {
  const startedAt = performance.now();
  const since = () => performance.now() - startedAt;
  const [pageMs, linkMs] = await Promise.all([pageAnswers(installation.url).then(since), installation.start().then(since)]);
  if (installation.output.includes('building'))
    throw new Error('npm start had to build, so this measures nothing. Leave the sources alone and try again.');
  await sleep(SETTLE_MS);
  return { pageMs, linkMs };
}

async function pageAnswers(url: string): Promise<void> {
  for (;;) {
    const page = await fetch(url).catch(() => null);
    if (page?.ok && (await page.text()).includes('<html')) return;
    await sleep(LOOK_EVERY_MS);
  }
}

async function servicesAlone(): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-bench-services-'));
  await chmod(dir, 0o711); // as root, Postgres runs as another user and must get through
  try {
    const start = () =>
      Promise.all([
        startPostgres({ dir: join(dir, 'postgres'), logFile: join(dir, 'postgres.log') }),
        startNats({ dir: join(dir, 'nats') }),
      ]);
    const stop = (services: Awaited<ReturnType<typeof start>>) => Promise.all(services.map((service) => service.stop()));
    await stop(await start());
    const took: number[] = [];
    for (let n = 0; n < 3; n++) {
      const startedAt = performance.now();
      const services = await start();
      took.push(performance.now() - startedAt);
      await stop(services);
    }
    return median(took);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
