import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
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

const PIECE = 256 * 1024;
const MOST_PIECES = 300;

/** Writes pieces until no more are taken, or all; how many were. */
async function writeUntilHeldBack(socket: Socket): Promise<number> {
  const piece = Buffer.alloc(PIECE, 'p');
  let pieces = 0;
  const write = () => {
    let isTaking = true;
    for (; isTaking && pieces < MOST_PIECES; pieces++) isTaking = socket.write(piece);
    if (!isTaking) socket.once('drain', write);
  };
  write();
  for (let before = -1, still = 0; still < 5; before = pieces) {
    await sleep(40);
    still = before === pieces ? still + 1 : 0;
  }
  return pieces;
}

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

  it('hold back those who are fast, rather than fill the memory of the router', async () => {
    const ways = await pair.raw(async (connection) => {
      if ((await connection.head()).startsWith('POST')) return connection.socket.pause();
      connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${MOST_PIECES * PIECE}\r\n\r\n`);
      written.resolve(await writeUntilHeldBack(connection.socket));
    });
    const written = Promise.withResolvers<number>();
    const reader = await Wire.open(ways.through, GET);
    reader.socket.pause();
    expect(await written.promise).toBeLessThan(MOST_PIECES / 2);
    const writer = await Wire.open(ways.through, `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${MOST_PIECES * PIECE}\r\n\r\n`);
    expect(await writeUntilHeldBack(writer.socket)).toBeLessThan(MOST_PIECES / 2);
    reader.close();
    writer.close();
  });
});
