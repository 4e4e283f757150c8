import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';

/** One request of a load; `failure` says why it was no good answer. */
export type Sent = { startedAt: number; endedAt: number; version: string; failure: string | null };

const CONNECTIONS = 64;
const BODY_BYTES = 2_000;

/** Requests at a steady rate, whether or not those before are answered; every fourth is a POST whose body must come back whole. */
export async function steadyLoad(url: string, requestsPerSecond: number, stop: AbortSignal): Promise<Sent[]> {
  const pool = new Pool(url, { connections: CONNECTIONS });
  const open: Promise<Sent>[] = [];
  const startedAt = performance.now();
  while (!stop.aborted) {
    const due = ((performance.now() - startedAt) / 1000) * requestsPerSecond;
    while (open.length < due) open.push(send(pool, open.length));
    await sleep(1);
  }
  const all = await Promise.all(open);
  await pool.close();
  return all;
}

/** So many connections, each with its next request as soon as the last one is answered. */
export async function flatOut(url: string, connections: number, stop: AbortSignal): Promise<Sent[]> {
  const pool = new Pool(url, { connections });
  const all: Sent[] = [];
  const one = async () => {
    while (!stop.aborted) all.push(await send(pool, all.length));
  };
  await Promise.all(Array.from({ length: connections }, one));
  await pool.close();
  return all;
}

async function send(pool: Pool, n: number): Promise<Sent> {
  const startedAt = performance.now();
  const body = n % 4 === 0 ? String(n).padEnd(n % BODY_BYTES, 'x') : null;
  const done = (version: string, failure: string | null): Sent => ({ startedAt, endedAt: performance.now(), version, failure });
  try {
    const answer = await pool.request({ path: '/', method: body === null ? 'GET' : 'POST', body });
    const text = await answer.body.text();
    const version = String(answer.headers['x-version']);
    if (answer.statusCode < 200 || answer.statusCode > 299) return done(version, `status ${answer.statusCode}`);
    return done(version, body === null || text === body ? null : 'the body came back changed');
  } catch (error) {
    return done('', (error as Error).message);
  }
}

export const failuresOf = (sent: Sent[]): Sent[] => sent.filter(({ failure }) => failure !== null);
export const millisecondsOf = (sent: Sent[]): number[] => sent.map(({ startedAt, endedAt }) => endedAt - startedAt);
