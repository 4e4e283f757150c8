import { describe, expect, it } from 'vitest';
import { ask, bothWays, contract, ok, plain } from '../testing/contract.js';
import { Wire } from '../testing/wire.js';

const pair = contract();
const latin1 = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

/** An application that answers every request of a connection with these bytes. */
const _answering = (bytes: string) =>
  pair.raw(async (connection) => {
    for (;;) {
      await connection.message();
      connection.write(bytes);
    }
  });

/** An application that answers with the head of the request, as it came. */
const showing = () =>
  pair.raw(async (connection) => {
    for (;;) {
      const head = await connection.take('\r\n\r\n');
      connection.write(ok(head));
    }
  });

describe('the head of a request', () => {
  it.each([
    ['escaped slashes and dots', '/a%2Fb/%2e%2e/c%00%7Euser'],
    ['empty segments', '//a///b//'],
    ['dots', '/a/../b/./c/..'],
    ['raw UTF-8', latin1('/grüße/日本?q=ü')],
    ['raw latin1', '/caf\xe9?\xff=\x80'],
    ['an empty query', '/a?'],
    ['question marks', '/a??b?c'],
    ['what is not escaped', '/a|b"c<d>e{f}g^h`i\\j?x=[1]&y="2"'],
    ['a fragment', '/a#b'],
    ['a semicolon', '/a;b=c;d/e'],
    ['an escape that is none', '/%zz/%'],
    ['15 KB', `/${'long'.repeat(15 * 256)}`],
    ['60 KB', `/${'long'.repeat(60 * 256)}`],
    ['a plus and an at', '/a+b@c:d'],
  ])('has its path as it was sent: %s', async (_, path) => {
    const ways = await showing();
    const line = `GET ${path} HTTP/1.1\r\n`;
    const first = await bothWays(ways, async (port) => (await ask(port, `${line}Host: a\r\n\r\n`)).body.split('\r\n')[0]);
    expect(`${first}\r\n`).toBe(line);
  });

  it.each(['PURGE', 'PROPFIND', 'QUERY', 'M-SEARCH', 'get', 'X_Y', 'DELETE', 'PATCH', 'TRACE'])(
    'may have the method %s',
    async (method) => {
      const ways = await showing();
      const first = await bothWays(ways, async (port) => (await ask(port, `${method} / HTTP/1.1\r\nHost: a\r\n\r\n`)).body.split(' ')[0]);
      expect(first).toBe(method);
    },
  );

  it('keeps the bytes of every field, its repetitions and its order', async () => {
    const ways = await pair.raw(async (connection) => {
      const { fields } = plain(await connection.message());
      connection.write(ok(JSON.stringify(fields.filter(([name]) => !name.startsWith('x-forwarded') && name !== 'x-real-ip'))));
    });
    const fields = [
      'Host: shop.example:8080',
      `X-Utf8: ${latin1('grüße 日本')}`,
      'X-Latin1: caf\xe9\x80\xff',
      'Cookie: a=1; b="2; 3"; c=\xe9; d',
      'X-Many: 1',
      'Accept: */*',
      'X-Many: 2',
      'X-Empty:',
      'My_Header: underscores',
      'x.dots~and!others: 1',
      'Authorization: Basic Og==',
      'Accept-Encoding: gzip, br;q=0.5',
      'Range: bytes=0-9,20-',
      'If-None-Match: W/"x", "y"',
    ];
    const { body } = await bothWays(ways, (port) => ask(port, `GET / HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`));
    expect(JSON.parse(body)).toHaveLength(fields.length);
  });

  it('comes to the application with 15 KB or 500 fields', async () => {
    const ways = await pair.node((request, response) => response.end(String(request.headers['x-big'] ?? request.rawHeaders.length > 1000)));
    for (const more of [`X-Big: ${'b'.repeat(15 * 1024)}\r\n`, Array.from({ length: 500 }, (_, n) => `X-${n}: 1\r\n`).join('')])
      await bothWays(ways, async (port) => (await ask(port, `GET / HTTP/1.1\r\nHost: a\r\n${more}\r\n`)).body);
  });

  it('above the limit is refused by the application, or by the router for all', async () => {
    const ways = await pair.node((_, response) => response.end());
    const status = (port: number, kb: number) =>
      ask(port, `GET / HTTP/1.1\r\nHost: a\r\nX: ${'b'.repeat(kb * 1024)}\r\n\r\n`).then(({ start }) => start.split(' ')[1]);
    expect(await bothWays(ways, (port) => status(port, 20))).toBe('431');
    expect(await status(ways.through, 80)).toMatch(/^4(00|31)$/);
  });
});

describe('a connection of a client', () => {
  it('carries one request after the other, in order, however they are cut', async () => {
    const ways = await showing();
    await bothWays(ways, async (port) => {
      const client = await Wire.open(port);
      const all = [1, 2, 3].map((n) => `GET /${n} HTTP/1.1\r\nHost: a\r\n\r\n`).join('');
      for (const byte of all) client.write(byte);
      const answers = [];
      for (let n = 1; n <= 3; n++) answers.push((await client.message('GET')).body.split('\r\n')[0]);
      client.close();
      return answers;
    });
  });
});
