import { describe, expect, it } from 'vitest';
import { ask, bothWays, contract, ok } from '../testing/contract.js';
import { values } from '../testing/message.js';
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

describe('HTTP/1.0', () => {
  it.each(['', 'Host: a\r\n'])('is answered, and the connection ends (%j)', async (host) => {
    const ways = await pair.node((incoming, response) => response.end(`${incoming.httpVersion} ${incoming.headers.host}`));
    const body = await bothWays(ways, async (port) => {
      const client = await Wire.open(port, `GET / HTTP/1.0\r\n${host}\r\n`);
      const { body } = await client.message('GET');
      await client.ended();
      client.close();
      return body;
    });
    expect(body).toBe(`1.0 ${host ? 'a' : undefined}`);
  });

  it('keeps its connection where it asks for it', async () => {
    const ways = await pair.node((incoming, response) => response.writeHead(200, { 'Content-Length': 2 }).end(incoming.url));
    await bothWays(ways, async (port) => {
      const client = await Wire.open(port);
      const answers = [];
      for (const path of ['/1', '/2']) {
        client.write(`GET ${path} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`);
        const answer = await client.message('GET');
        expect(values(answer, 'connection').join().toLowerCase()).toBe('keep-alive');
        answers.push(answer.body);
      }
      client.close();
      return answers;
    });
  });

  it('never gets chunks', async () => {
    const ways = await pair.node((_, response) => {
      response.write('one ');
      response.end('two');
    });
    await bothWays(ways, async (port) => {
      const { body, framing } = await ask(port, 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
      return { body, framing };
    });
  });

  it('of the application is passed on', async () => {
    const ways = await pair.raw(async (connection) => {
      await connection.message();
      connection.socket.end('HTTP/1.0 200 Fine\r\nX: 1\r\n\r\nold');
    });
    const answer = await bothWays(ways, async (port) => {
      const { start, body } = await ask(port, GET);
      return [start.split(' ').slice(1).join(' '), body];
    });
    expect(answer).toEqual(['200 Fine', 'old']);
  });
});

describe('what speaks of the connection', () => {
  it('ends it where the client asks for that', async () => {
    const ways = await plainly();
    const client = await Wire.open(ways.through, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    const answer = await client.message('GET');
    expect(values(answer, 'connection')).toEqual(['close']);
    expect(await client.ended()).toBe('');
    client.close();
  });

  it('does not end that of the client when the application ends its own', async () => {
    const ways = await pair.raw(async (connection) => {
      await connection.message();
      connection.socket.end(ok('ok', 'Connection: close\r\n'));
    });
    const client = await Wire.open(ways.through);
    for (let n = 0; n < 3; n++) {
      client.write(GET);
      expect((await client.message('GET')).body).toBe('ok');
    }
    client.close();
  });

  it('is not what the application says of its own connection', async () => {
    const ways = await pair.node((_, response) => response.end('ok'));
    for (let n = 0; n < 2; n++) {
      const client = await Wire.open(ways.through, GET);
      expect((await client.message('GET')).fields.filter(([name]) => name === 'keep-alive')).toEqual([]);
      client.close();
    }
  });

  it.each(['OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n', 'OPTIONS /a HTTP/1.1\r\nHost: a\r\n\r\n'])(
    'is not needed: %j reaches the application as it is',
    async (text) => {
      const ways = await plainly();
      const answer = await bothWays(ways, (port) => ask(port, text));
      expect(answer.body).toBe(text.split('\r\n')[0]);
    },
  );

  it('is left out by a request of HTTP/1.1 without a Host, which the application refuses', async () => {
    const ways = await pair.node((_, response) => response.end());
    expect(await bothWays(ways, async (port) => (await ask(port, 'GET / HTTP/1.1\r\n\r\n')).start.slice(0, 12))).toBe('HTTP/1.1 400');
  });
});
