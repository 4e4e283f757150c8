import { describe, expect, it } from 'vitest';
import { ask, contract, ok } from '../testing/contract.js';
import { keptLoad } from '../testing/kept-load.js';
import { Wire } from '../testing/wire.js';

const pair = contract();
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const _plainly = () =>
  pair.raw(async (connection) => {
    for (;;) {
      const { start } = await connection.message();
      connection.write(ok(start));
    }
  });

describe('an application that ends its connections', () => {
  /** Answers, and ends a connection when `ends` says so: its nth request, or just as the next is sent. */
  const ending = (ends: (nth: number) => 'after' | 'instead' | undefined) =>
    pair.raw(async (connection) => {
      for (let nth = 1; ; nth++) {
        await connection.message();
        if (nth > 1 && ends(nth) === 'instead') return connection.socket.end();
        connection.write(ok());
        if (ends(nth) === 'after') return connection.socket.end();
      }
    });

  it.each([
    ['after every request, unsaid', () => 'after' as const],
    ['after each third request, unsaid', (nth: number) => (nth === 3 ? ('after' as const) : undefined)],
    ['just when the second request comes', (nth: number) => (nth === 2 ? ('instead' as const) : undefined)],
    ['just when the fifth request comes', (nth: number) => (nth === 5 ? ('instead' as const) : undefined)],
  ])('fails no request: %s', async (_, ends) => {
    expect(await keptLoad((await ending(ends)).through, 600, 16)).toEqual([]);
  });

  it('fails no request: after an idle time that is as long as the time between requests', async () => {
    const ways = await pair.raw(async (connection) => {
      connection.socket.setTimeout(5, () => connection.socket.end());
      for (;;) {
        await connection.message();
        connection.write(ok());
      }
    });
    const rounds = Array.from({ length: 40 }, (_, n) => n);
    const failed: string[] = [];
    await Promise.all(
      rounds.map(async (round) => {
        const client = await Wire.open(ways.through);
        for (let n = 0; n < 10; n++) {
          client.write(GET);
          const answer = await client.message('GET').catch((error: Error) => ({ start: error.message }));
          if (answer.start !== 'HTTP/1.1 200 OK') failed.push(answer.start);
          await new Promise((next) => setTimeout(next, 4 + (round % 3)));
        }
        client.close();
      }),
    );
    expect(failed).toEqual([]);
  });

  it('never gets a POST twice', async () => {
    let asked = 0;
    const ways = await pair.raw(async (connection, nth) => {
      await connection.message();
      if (nth > 0 || asked > 0) asked++;
      else asked = 1;
      connection.close();
    });
    const answer = await ask(ways.through, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\npay');
    expect([answer.start.split(' ')[1], asked]).toEqual(['502', 1]);
  });
});
