import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Bench } from '../lib/bench.ts';
import { failuresOf, flatOut, millisecondsOf, type Sent, steadyLoad } from '../lib/load.ts';
import { Router } from '../lib/router.ts';
import { median, percentile } from '../lib/statistics.ts';
import { type Switch, startVersion, switchThrough, type Version } from '../lib/switching.ts';

const REQUESTS_PER_SECOND = 400;
const SWITCHES = 20;
const EVERY_MS = 2_200;
const REST_MS = 5_000;
const CONNECTIONS = 32;
const FLAT_OUT_MS = 3_000;
/** Before these, requests of 3 s are begun. */
const SLOW_AT = ['v5', 'v10', 'v15'];

/** Blue-green switches of the real router under load; versions are real processes. The deploy agent's part is played here, over the router's control socket. */
export const bench: Bench = async () => {
  await using router = await Router.start();
  const first = await startVersion('v0');
  const floor = await direct(first);
  await router.routeTo(first.backend);
  await during(1_000, (stop) => steadyLoad(router.url, REQUESTS_PER_SECOND, stop));
  const run = await steadyRun(router, first);
  const rest = run.sent.filter(({ endedAt }) => endedAt < run.restUntil);
  const inSwitch = run.sent.filter((one) => run.timed.some(({ from, to }) => one.startedAt < to && one.endedAt > from));
  const atRest = await during(FLAT_OUT_MS, (stop) => flatOut(router.url, CONNECTIONS, stop));
  const pressed = await flatOutRun(router, run.last);
  const control = await killedInsteadOfDrained(router, pressed.last);
  checkRun(run.sent, run.slow, run.goodbye, [...atRest, ...pressed.sent], control);
  const drained = run.timed.map(({ drainedMs }) => drainedMs);
  const perSecond = (sent: Sent[]) => (sent.length / FLAT_OUT_MS) * 1000;
  return {
    rows: [
      {
        what: `requests failed, of ${run.sent.length.toLocaleString('en')} in ${SWITCHES} switches`,
        value: failuresOf(run.sent).length,
        unit: '',
        aim: { most: 0 },
      },
      { what: 'answer at rest, p99', value: percentile(millisecondsOf(rest), 0.99), unit: 'ms', floor: floor.p99 },
      {
        what: 'answer in a switch, p99',
        value: percentile(millisecondsOf(inSwitch), 0.99),
        unit: 'ms',
        floor: floor.p99,
        aim: { most: 1.3 * percentile(millisecondsOf(rest), 0.99) },
      },
      { what: 'cutover + drain, median', value: median(drained), unit: 'ms', aim: { most: 50 } },
      { what: 'cutover + drain, slowest', value: Math.max(...drained), unit: 'ms', aim: { most: 50 } },
      { what: `${CONNECTIONS} connections flat out, at rest`, value: perSecond(atRest), unit: 'requests/s', floor: floor.perSecond },
      {
        what: 'the same in switches',
        value: perSecond(pressed.sent),
        unit: 'requests/s',
        floor: floor.perSecond,
        aim: { least: 0.9 * perSecond(atRest) },
      },
      { what: 'failed flat out, in switches', value: failuresOf([...atRest, ...pressed.sent]).length, unit: '', aim: { most: 0 } },
      { what: 'control: failed when the old version is killed first', value: failuresOf(control).length, unit: '', aim: { least: 1 } },
    ],
    notes: [
      `The router alone, with real processes as versions: the deploy agent's part is played by the bench over the control socket. ${REQUESTS_PER_SECOND} requests/s for ${Math.round((SWITCHES * EVERY_MS + REST_MS) / 1000)} s, a quarter POST, an application of 5 ms.`,
      `Every version answered; ${run.slow.length} requests of 3 s, begun before a switch, finished on their version; a web socket was told to go (${run.goodbye}). "In a switch": from the order to route until 100 ms after the drain.`,
      'Floor: the same load on the application itself. The load is made by one process on the same two cores.',
    ],
  };
};

async function during(ms: number, load: (stop: AbortSignal) => Promise<Sent[]>): Promise<Sent[]> {
  return load(AbortSignal.timeout(ms));
}

async function direct({ backend }: Version) {
  const url = `http://127.0.0.1:${backend.port}`;
  await during(1_500, (stop) => steadyLoad(url, REQUESTS_PER_SECOND, stop));
  const steady = await during(4_000, (stop) => steadyLoad(url, REQUESTS_PER_SECOND, stop));
  const pressed = await during(2_000, (stop) => flatOut(url, CONNECTIONS, stop));
  return { p99: percentile(millisecondsOf(steady), 0.99), perSecond: pressed.length / 2 };
}

async function steadyRun(router: Router, first: Version) {
  const stop = new AbortController();
  const load = steadyLoad(router.url, REQUESTS_PER_SECOND, stop.signal);
  await sleep(REST_MS);
  const restUntil = performance.now();
  const slow: Promise<string>[] = [];
  const socket = new WebSocket(router.url.replace('http', 'ws'));
  await once(socket, 'open');
  const goodbye = once(socket, 'close').then(([code]) => code as number);
  const begin = (name: string) => {
    if (SLOW_AT.includes(name))
      slow.push(fetch(`${router.url}/slow`).then(async (answer) => `${name} ${answer.status} ${await answer.text()}`));
  };
  const names = Array.from({ length: SWITCHES }, (_, n) => `v${n + 1}`);
  // The slow request leaves just before the order to route does.
  const { last, switches } = await switchThrough(router, first, names, { everyMs: EVERY_MS, onSwitch: begin });
  stop.abort();
  const sent = await load;
  const finished = await Promise.all(slow);
  return { sent, restUntil, last, timed: withoutSlow(switches), slow: finished, goodbye: await goodbye };
}

/** A drain that waits for a request of 3 s takes 3 s: right, but no measure of the router. */
const withoutSlow = (switches: Switch[]): Switch[] => switches.filter((_, n) => !SLOW_AT.includes(`v${n + 1}`));

/** The versions run before the load begins, as three starts in three seconds would be most of what is measured. */
async function flatOutRun(router: Router, first: Version) {
  const versions = await Promise.all(['w1', 'w2', 'w3'].map(startVersion));
  const start = (name: string) => Promise.resolve(versions.find((version) => version.name === name) as Version);
  const load = flatOut(router.url, CONNECTIONS, AbortSignal.timeout(FLAT_OUT_MS));
  const names = versions.map(({ name }) => name);
  const { last } = await switchThrough(router, first, names, { everyMs: FLAT_OUT_MS / 4, start });
  return { sent: await load, last };
}

/** What the test must be able to see: the old version is gone before traffic is taken away from it. */
async function killedInsteadOfDrained(router: Router, before: Version): Promise<Sent[]> {
  const stop = new AbortController();
  const after = await startVersion('after');
  // Flat out, so that some POST is in flight: what may be repeated is, at the new version, and does not fail.
  const load = flatOut(router.url, CONNECTIONS, stop.signal);
  await sleep(500);
  await before.app.kill('SIGKILL');
  await sleep(20);
  await router.routeTo(after.backend, 100);
  await sleep(300);
  stop.abort();
  const sent = await load;
  await after.app.kill();
  return sent;
}

/** What is not a matter of figures. */
function checkRun(sent: Sent[], slow: string[], goodbye: number, flat: Sent[], control: Sent[]): void {
  const versions = new Set(sent.map(({ version }) => version));
  for (let n = 0; n <= SWITCHES; n++) if (!versions.has(`v${n}`)) throw new Error(`No request reached v${n}.`);
  const expected = SLOW_AT.map((name) => `${name} 200 v${Number(name.slice(1)) - 1}`);
  if (slow.join() !== expected.join()) throw new Error(`Requests in flight should have ended as ${expected}, and ended as ${slow}.`);
  if (goodbye !== 1001) throw new Error(`The web socket was closed with ${goodbye} instead of 1001.`);
  if (failuresOf(control).length === 0) throw new Error('The control shows no failure, so this bench proves nothing.');
  const failures = failuresOf([...sent, ...flat]).map(({ failure }) => failure);
  if (failures.length > 0) process.stderr.write(`Failed: ${JSON.stringify(failures.slice(0, 5))}\n`);
}
