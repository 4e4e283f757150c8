import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Program } from './program.ts';
import type { Backend, Router } from './router.ts';

/** As a deploy agent does before the first traffic: so many checks in a row, for so long at most (agents/src/deploy/health-check.ts). */
const WARM_UP = { requests: 50, ms: 250 };
/** Traffic still meets the new version's first requests for so long after a switch. */
const SETTLING_MS = 100;

/** A running version of the application. */
export type Version = { name: string; app: Program; backend: Backend };

/** `drainedMs`: from the order to route until no request to the old version was in flight. */
export type Switch = { from: number; to: number; drainedMs: number };

/** Running, healthy and warm: as with a deploy agent, traffic comes only after health checks have been answered. */
export async function startVersion(name: string): Promise<Version> {
  const app = new Program('switch-app.ts', [name]);
  const { port } = (await app.ready) as { port: number };
  const endAt = performance.now() + WARM_UP.ms;
  for (let n = 0; n < WARM_UP.requests && performance.now() < endAt; n++) await checkHealth(name, port);
  return { name, app, backend: { releaseId: randomUUID(), instanceId: randomUUID(), host: '127.0.0.1', port, weight: 100 } };
}

async function checkHealth(name: string, port: number): Promise<void> {
  const health = await fetch(`http://127.0.0.1:${port}/`);
  if (!health.ok) throw new Error(`${name} is not healthy: ${health.status} ${await health.text()}`);
  await health.arrayBuffer();
}

/** Blue-green as a deploy agent does it: the new version runs, traffic goes there, the old one is drained, then ended. */
export async function switchOver(router: Router, before: Version, after: Version): Promise<Switch> {
  const from = performance.now();
  await router.routeTo(after.backend);
  const { instanceId } = before.backend;
  while ((await router.left(instanceId)).requests > 0) await sleep(1);
  const drainedAt = performance.now();
  before.app.child.kill('SIGTERM'); // and it says goodbye to its web sockets
  while ((await router.left(instanceId)).streams > 0) await sleep(5);
  await before.app.kill();
  return { from, to: drainedAt + SETTLING_MS, drainedMs: drainedAt - from };
}

/**
 * One switch after the other to the end of `names`, which stays in place. A version is started half an interval before its switch: a process that
 * starts takes a whole core for a while, which is not the router's doing.
 */
export async function switchThrough(
  router: Router,
  first: Version,
  names: string[],
  {
    everyMs,
    start = startVersion,
    onSwitch = () => {},
  }: { everyMs: number; start?: typeof startVersion; onSwitch?: (name: string) => void },
): Promise<{ last: Version; switches: Switch[] }> {
  let present = first;
  const switches: Promise<Switch>[] = [];
  for (const name of names) {
    await sleep(everyMs / 2);
    const startedAt = performance.now();
    const next = await start(name);
    await sleep(Math.max(0, everyMs / 2 - (performance.now() - startedAt)));
    onSwitch(name);
    switches.push(switchOver(router, present, next));
    present = next;
  }
  return { last: present, switches: await Promise.all(switches) };
}
