import { describe, expect, it } from 'vitest';
import { ask, contract, ok, plain } from '../testing/contract.js';
import { keptLoad } from '../testing/kept-load.js';
import { Wire } from '../testing/wire.js';

const pair = contract();
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const plainly = () =>
  pair.raw(async (connection) => {
    for (;;) {
      const { start } = await connection.message();
      connection.write(ok(start));
    }
  });

describe('those who are slow', () => {
  it('do not hold up others: 1,500 idle connections', async () => {
    const ways = await plainly();
    const idle = await Promise.all(Array.from({ length: 1500 }, () => Wire.open(ways.through)));
    const startedAt = performance.now();
    expect((await ask(ways.through, GET)).body).toBe('GET / HTTP/1.1');
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    const [last] = idle.slice(-1) as [Wire];
    last.write(GET);
    expect((await last.message('GET')).body).toBe('GET / HTTP/1.1');
    for (const client of idle) client.close();
  });

  it('do not hold up others: half a head, half a body, an answer that is not read', async () => {
    const big = 'b'.repeat(8 * 1024 * 1024);
    const ways = await pair.raw(async (connection) => {
      for (;;) {
        const { start } = await connection.message();
        connection.write(start.includes('/big') ? ok(big) : ok(start));
      }
    });
    const slow = await Promise.all(
      Array.from({ length: 150 }, async (_, n) => {
        const client = await Wire.open(ways.through);
        if (n % 3 === 0) client.write('GET / HTTP/1.1\r\nHo');
        if (n % 3 === 1) client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf');
        if (n % 30 === 2) client.socket.pause();
        if (n % 30 === 2) client.write('GET /big HTTP/1.1\r\nHost: a\r\n\r\n');
        return client;
      }),
    );
    expect(await keptLoad(ways.through, 300, 8)).toEqual([]);
    const [head, body] = slow as [Wire, Wire];
    head.write('st: a\r\n\r\n');
    body.write('a body');
    expect([plain(await head.message('GET')).body, plain(await body.message('POST')).body]).toEqual(['GET / HTTP/1.1', 'POST / HTTP/1.1']);
    for (const client of slow) client.close();
  });
});
