import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';

export type LoadResult = { sent: number; failed: string[]; versions: Set<string> };

/** Requests at a steady rate, a quarter of them POST with a body that must come back whole, until `stop` is aborted. */
export async function steadyLoad(url: string, requestsPerSecond: number, stop: AbortSignal): Promise<LoadResult> {
  const pool = new Pool(url, { connections: 64 });
  const result: LoadResult = { sent: 0, failed: [], versions: new Set() };
  const open: Promise<void>[] = [];
  const startedAt = performance.now();
  while (!stop.aborted) {
    while (result.sent < ((performance.now() - startedAt) / 1000) * requestsPerSecond) open.push(one(pool, result.sent++, result));
    await sleep(2);
  }
  await Promise.all(open);
  await pool.close();
  return result;
}

async function one(pool: Pool, n: number, result: LoadResult): Promise<void> {
  const post = n % 4 === 0;
  const body = post ? `${n}:${'x'.repeat(n % 5_000)}` : null;
  try {
    const answer = await pool.request({ path: post ? '/echo' : '/', method: post ? 'POST' : 'GET', body });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`status ${answer.statusCode}: ${text}`);
    if (body !== null && text !== body) throw new Error('the body came back changed');
    result.versions.add(String(answer.headers['x-version']));
  } catch (error) {
    result.failed.push(`${post ? 'POST' : 'GET'} ${(error as Error).message}`);
  }
}
