import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ask, bothWays, contract, ok } from '../testing/contract.js';
import { Wire } from '../testing/wire.js';

const pair = contract();
const _GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

/** An application that answers with these bytes and closes if it is told to. */
const _answering = (bytes: string, end: 'keeps' | 'closes' | 'resets' = 'keeps') =>
  pair.raw(async (connection) => {
    for (;;) {
      await connection.take('\r\n\r\n');
      connection.write(bytes);
      if (end === 'closes') return connection.socket.end();
      if (end === 'resets') return setImmediate(() => connection.socket.resetAndDestroy());
    }
  });

describe('the body of a request', () => {
  it.each([
    ['by its length', 'Content-Length: 5\r\n\r\nhel\0\xff'],
    ['of no length', 'Content-Length: 0\r\n\r\n'],
    ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n03;ext\r\nllo\r\n0\r\n\r\n'],
    ['in chunks with trailers', 'Trailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\nX-Two: \xe4\r\n\r\n'],
    ['with a GET', 'Content-Length: 5\r\n\r\nhello', 'GET'],
    ['with a DELETE in chunks', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n', 'DELETE'],
  ])('arrives %s', async (_, rest, method = 'POST') => {
    const ways = await pair.raw(async (connection) => {
      const { body, framing, trailers } = await connection.message();
      connection.write(ok(JSON.stringify({ body, framing, trailers })));
    });
    await bothWays(ways, async (port) => JSON.parse((await ask(port, `${method} / HTTP/1.1\r\nHost: a\r\n${rest}`)).body));
  });

  it('that breaks off is never whole for the application', async () => {
    const heard: string[] = [];
    const ways = await pair.raw(async (connection) => {
      heard.push((await connection.message()).framing);
      connection.close();
    });
    for (const rest of ['Content-Length: 500\r\n\r\nhello', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n']) {
      await bothWays(ways, async (port) => {
        const client = await Wire.open(port, `POST / HTTP/1.1\r\nHost: a\r\n${rest}`);
        client.socket.end();
        await client.ended();
        expect(heard.filter((framing) => framing !== 'cut')).toEqual([]);
      });
    }
  });
});

describe('160 MB in chunks', () => {
  it('arrive whole in both directions at once', async () => {
    const ways = await pair.node((request, response) => request.pipe(response));
    const piece = Buffer.alloc(1024 * 1024, 'slipway');
    const [sent, back] = [createHash('sha1'), createHash('sha1')];
    let received = 0;
    const asking = httpRequest({ host: '127.0.0.1', port: ways.through, method: 'POST', agent: false });
    const answered = new Promise<void>((resolve, reject) => {
      asking.on('error', reject).on('response', async (answer) => {
        for await (const part of answer) {
          back.update(part);
          received += part.length;
        }
        resolve();
      });
    });
    Readable.from(
      (function* () {
        for (let n = 0; n < 160; n++) {
          piece.writeUInt32BE(n);
          sent.update(piece);
          yield Buffer.from(piece);
        }
      })(),
      { objectMode: false },
    ).pipe(asking);
    await answered;
    expect(received).toBe(160 * piece.length);
    expect(back.digest('hex')).toBe(sent.digest('hex'));
  });
});
