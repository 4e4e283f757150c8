import { describe, expect, it } from 'vitest';
import { ask, bothWays, contract, ok, plain } from '../testing/contract.js';
import { Wire } from '../testing/wire.js';

const pair = contract();
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

/** An application that answers with these bytes and closes if it is told to. */
const answering = (bytes: string, end: 'keeps' | 'closes' | 'resets' = 'keeps') =>
  pair.raw(async (connection) => {
    for (;;) {
      await connection.take('\r\n\r\n');
      connection.write(bytes);
      if (end === 'closes') return connection.socket.end();
      if (end === 'resets') return setImmediate(() => connection.socket.resetAndDestroy());
    }
  });

describe('the body of an answer', () => {
  it.each([
    ['by its length', 'Content-Length: 5\r\n\r\nhello', 'keeps'],
    ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;ext="1"\r\nllo\r\n0\r\n\r\n', 'keeps'],
    [
      'in chunks with trailers',
      'Trailer: X-Sum, X-Two\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: \xe4 1\r\nX-Two: 2\r\n\r\n',
      'keeps',
    ],
    ['of no length', 'Content-Length: 0\r\n\r\n', 'keeps'],
    ['compressed', `Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\xff\0`, 'keeps'],
    ['a range', `Content-Range: bytes 0-4/10\r\nAccept-Ranges: bytes\r\nContent-Length: 5\r\n\r\nhello`, 'keeps'],
  ] as const)('arrives %s', async (_, rest, end) => {
    await bothWays(await answering(`HTTP/1.1 200 OK\r\n${rest}`, end), (port) => ask(port, GET));
  });

  it('arrives without a length: all of it, and its end', async () => {
    const ways = await answering(`HTTP/1.1 200 OK\r\nX: 1\r\n\r\n${'hello'.repeat(50_000)}`, 'closes');
    const { body } = await bothWays(ways, async (port) => {
      const { start, body } = await ask(port, GET);
      return { start, body };
    });
    expect(body).toHaveLength(250_000);
  });

  it.each([
    ['by its length', 'Content-Length: 500\r\n\r\nhello'],
    ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'],
    ['within a chunk', 'Transfer-Encoding: chunked\r\n\r\nff\r\nhello'],
  ])('that breaks off breaks off for the client: %s', async (_, rest) => {
    const { framing } = await bothWays(await answering(`HTTP/1.1 200 OK\r\n${rest}`, 'closes'), async (port) => {
      const { start, framing } = await ask(port, GET);
      return { start, framing };
    });
    expect(framing).toBe('cut');
  });

  it('that is bad within is never passed as whole', async () => {
    const ways = await answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nxyz\r\n', 'closes');
    const answer = await ask(ways.through, GET);
    expect(answer.start.includes(' 502 ') || answer.framing === 'cut').toBe(true);
  });

  it.each([
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 5000\r\nETag: "1"\r\n\r\n'],
    ['HEAD', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['HEAD', 'HTTP/1.1 404 Not Found\r\n\r\n'],
    ['GET', 'HTTP/1.1 204 No Content\r\nX: 1\r\n\r\n'],
    ['GET', 'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\nContent-Length: 5000\r\n\r\n'],
    ['GET', 'HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['DELETE', 'HTTP/1.1 204 No Content\r\n\r\n'],
  ])('is not waited for where there is none: %s, %j', async (method, bytes) => {
    const ways = await answering(bytes);
    await bothWays(ways, async (port) => {
      const client = await Wire.open(port);
      const answers = [];
      for (let n = 0; n < 2; n++) {
        client.write(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`);
        answers.push(plain(await client.message(method)));
      }
      client.close();
      return answers.map(({ fields, ...rest }) => ({ ...rest, fields: fields.filter(([name]) => name !== 'transfer-encoding') }));
    });
  });
});

describe('a body where there is none', () => {
  it.each([
    ['HEAD', ok('hello')],
    ['GET', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello'],
    ['GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello'],
    ['GET', 'HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ])('is not taken for the next answer: %s, %j', async (method, bytes) => {
    const client = await Wire.open((await answering(bytes)).through);
    for (let n = 0; n < 3; n++) {
      client.write(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`);
      expect((await client.message(method)).start).toBe(bytes.split('\r\n')[0]);
    }
    client.close();
  });
});

describe('an answer that could be read in two ways', () => {
  it.each([
    ['a length and chunks', 'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'],
    ['two lengths', 'Content-Length: 3\r\nContent-Length: 5\r\n\r\nhello'],
    ['one length twice', 'Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello'],
    ['a length that is none', 'Content-Length: 5x\r\n\r\nhello'],
  ])('is refused or made clear: %s', async (_, rest) => {
    const { start, body, fields } = await ask((await answering(`HTTP/1.1 200 OK\r\n${rest}`)).through, GET);
    if (start !== 'HTTP/1.1 200 OK') expect(start).toMatch(/^HTTP\/1.1 502 /);
    else expect([body, fields.filter(([name]) => name === 'content-length' || name === 'transfer-encoding').length]).toEqual(['hello', 1]);
  });

  it('does not answer the next request with what is too much', async () => {
    const ways = await answering(`${ok('first')}${ok('too much')}`);
    const client = await Wire.open(ways.through, GET);
    expect((await client.message('GET')).body).toBe('first');
    client.write(GET);
    expect((await client.message('GET')).body).toBe('first');
    client.close();
    expect((await ask(ways.through, GET)).body).toBe('first');
  });
});
