import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';

export type Load = { failed: string[]; answers: string[]; stop(): Promise<void> };

/** A request each 4 ms, a quarter of them with a body, until stopped; every answer but 200 is a failure. */
export function steadyLoad(port: number): Load {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 32 });
  const load = { failed: [] as string[], answers: [] as string[] };
  const open: Promise<void>[] = [];
  let stopping = false;
  const one = async (n: number) => {
    try {
      const post = n % 4 === 0;
      const answer = await pool.request({ path: '/', method: post ? 'POST' : 'GET', body: post ? 'x'.repeat(2_000) : null });
      const text = await answer.body.text();
      if (answer.statusCode === 200) load.answers.push(text);
      else load.failed.push(`${answer.statusCode} ${text}`);
    } catch (error) {
      load.failed.push((error as Error).message);
    }
  };
  const running = (async () => {
    for (let n = 0; !stopping; n++) {
      open.push(one(n));
      await sleep(4);
    }
    await Promise.all(open);
    await pool.close();
  })();
  const stop = async () => {
    stopping = true;
    await running;
  };
  return Object.assign(load, { stop });
}
