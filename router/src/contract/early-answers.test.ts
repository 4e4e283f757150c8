import { describe, expect, it } from 'vitest';
import { bothWays, contract, ok, plain, unlessOver } from '../testing/contract.js';
import type { Message } from '../testing/message.js';
import { Wire } from '../testing/wire.js';

const pair = contract();
const TIMES = Array.from({ length: 24 }, (_, n) => n);
const PART = 'p'.repeat(256 * 1024);

/** Sends a body until the answer has come, however the application treats what it does not want. */
async function upload(port: number, head: string, piece: (part: string) => string): Promise<Message> {
  const client = await Wire.open(port, head);
  const answer = client.message('POST');
  let answered = false;
  answer.finally(() => (answered = true)).catch(() => {});
  for (let sent = 0; sent < 16 && !answered; sent++) {
    client.write(piece(PART));
    await new Promise(setImmediate);
  }
  const message = await answer;
  client.close();
  return plain(message);
}

const chunk = (part: string) => `${part.length.toString(16)}\r\n${part}\r\n`;

describe('an answer that comes while the body is still on its way', () => {
  it.each([
    ['413', 'with a length', `Content-Length: ${32 * PART.length}`, (part: string) => part],
    ['401', 'with a length', `Content-Length: ${32 * PART.length}`, (part: string) => part],
    ['200', 'in chunks', 'Transfer-Encoding: chunked', chunk],
    ['413', 'in chunks', 'Transfer-Encoding: chunked', chunk],
  ])('reaches the client, %s to a body %s, where the application reads on', async (status, _, field, piece) => {
    const ways = await pair.raw(async (connection) => {
      await connection.take('\r\n\r\n');
      connection.write(`HTTP/1.1 ${status} Early\r\nContent-Length: 5\r\n\r\nearly`);
    });
    for (const answer of await Promise.all(TIMES.map(() => upload(ways.through, `POST / HTTP/1.1\r\nHost: a\r\n${field}\r\n\r\n`, piece))))
      expect([answer.start, answer.body]).toEqual([`HTTP/1.1 ${status} Early`, 'early']);
  });

  it('reaches the client where the application reads nothing and closes', async () => {
    const ways = await pair.raw(async (connection) => {
      await connection.take('\r\n\r\n');
      connection.socket.pause();
      connection.socket.end('HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 5\r\n\r\nlarge');
    });
    const head = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${32 * PART.length}\r\n\r\n`;
    for (const _ of TIMES) expect((await upload(ways.through, head, (part) => part)).start).toBe('HTTP/1.1 413 Too Large');
  });

  it('is that of the application or none where the application breaks off, as Node.js does, and never one of the router', async () => {
    const ways = await pair.node((_, response) => response.writeHead(413, { connection: 'close' }).end('large'));
    const head = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${32 * PART.length}\r\n\r\n`;
    for (const _ of TIMES) {
      const answer = await upload(ways.through, head, (part) => part).catch(unlessOver);
      expect(answer?.start ?? 'HTTP/1.1 413 Payload Too Large').toBe('HTTP/1.1 413 Payload Too Large');
    }
  });

  it('may come before the end of a body in chunks, which then comes whole', async () => {
    const bodies: string[] = [];
    const ways = await pair.raw(async (connection) => {
      await connection.take('\r\n\r\n');
      connection.write(ok('first'));
      bodies.push(await connection.take('0\r\n\r\n'));
    });
    await bothWays(ways, async (port) => {
      const client = await Wire.open(port, 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n');
      const answer = plain(await client.message('POST'));
      client.write('3\r\ntwo\r\n0\r\n\r\n');
      await expect.poll(() => bodies.length).toBeGreaterThan(0);
      client.close();
      return [
        answer,
        bodies
          .splice(0)
          .join('')
          .replace(/\r\n|3/g, ''),
      ];
    });
  });

  it('may be a stream while the body still streams: what one side says reaches the other at once', async () => {
    const ROUNDS = 20;
    const ways = await pair.raw(async (connection) => {
      await connection.take('\r\n\r\n');
      connection.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      for (let n = 0; n < ROUNDS; n++) connection.write(chunk(await connection.take(`part ${n}.`)));
      await connection.take('0\r\n\r\n');
      connection.write('0\r\n\r\n');
    });
    await bothWays(ways, async (port) => {
      const client = await Wire.open(port, 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
      await client.take('\r\n\r\n');
      const startedAt = performance.now();
      for (let n = 0; n < ROUNDS; n++) {
        client.write(chunk(`part ${n}.`));
        await client.take(`part ${n}.`);
      }
      // Held back for a fuller packet, each would take 400 ms.
      expect(performance.now() - startedAt).toBeLessThan(ROUNDS * 200);
      client.write('0\r\n\r\n');
      await client.take('0\r\n\r\n');
      client.close();
    });
  });
});
