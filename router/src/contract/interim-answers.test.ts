import { describe, expect, it } from 'vitest';
import { bothWays, contract, ok, plain } from '../testing/contract.js';
import { Wire } from '../testing/wire.js';

const pair = contract();
const EXPECTING = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n';

describe('Expect: 100-continue', () => {
  it('is accepted by the application, not by the router', async () => {
    const ways = await pair.raw(async (connection) => {
      expect(await connection.take('\r\n\r\n')).toMatch(/expect: 100-continue/i);
      expect(connection.received).toBe('');
      connection.write('HTTP/1.1 100 Continue\r\n\r\n');
      connection.write(ok(await connection.take('body')));
    });
    await bothWays(ways, async (port) => {
      const client = await Wire.open(port, EXPECTING);
      const interim = await client.message('POST');
      client.write('body');
      const answer = await client.message('POST');
      client.close();
      return [plain(interim), plain(answer)];
    });
  });

  it.each(['417 Expectation Failed', '401 Unauthorized', '413 Payload Too Large', '200 OK'])(
    'is answered at once with %s',
    async (status) => {
      const ways = await pair.raw(async (connection) => {
        await connection.take('\r\n\r\n');
        connection.write(`HTTP/1.1 ${status}\r\nContent-Length: 2\r\n\r\nno`);
      });
      const { start } = await bothWays(ways, async (port) => {
        const client = await Wire.open(port, EXPECTING);
        const answer = await client.message('POST');
        client.close();
        return plain(answer);
      });
      expect(start).toBe(`HTTP/1.1 ${status}`);
    },
  );

  it('is ignored by an application that waits for the body, which the client sends at last', async () => {
    const ways = await pair.raw(async (connection) => {
      const { body } = await connection.message();
      connection.write(ok(body));
    });
    await bothWays(ways, async (port) => {
      const client = await Wire.open(port, EXPECTING);
      client.write('body');
      const answer = await client.message('POST');
      client.close();
      return plain(answer);
    });
  });

  it('with something else than 100-continue is the affair of the application', async () => {
    const ways = await pair.node((_, response) => response.end());
    await bothWays(ways, async (port) => {
      const client = await Wire.open(port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nExpect: the-unexpected\r\n\r\n');
      const { start } = await client.message('POST');
      client.close();
      return start;
    });
  });
});

describe('interim answers that nobody asked for', () => {
  it('reach the client in their order, with their fields, before the answer', async () => {
    const ways = await pair.raw(async (connection) => {
      await connection.take('\r\n\r\n');
      connection.write('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n');
      connection.write('HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nLink: </b.js>; rel=preload\r\n\r\n');
      await connection.take('go on');
      connection.write(ok());
    });
    const answers = await bothWays(ways, async (port) => {
      const client = await Wire.open(port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n');
      const interim = [];
      for (let n = 0; n < 3; n++) interim.push(plain(await client.message('POST')));
      client.write('go on');
      const answer = plain(await client.message('POST'));
      client.close();
      return [...interim, answer];
    });
    expect(answers.map(({ start }) => start.split(' ')[1])).toEqual(['100', '102', '103', '200']);
  });

  it('do not disturb the next request of the connection', async () => {
    const ways = await pair.raw(async (connection) => {
      for (;;) {
        const { start } = await connection.message();
        connection.write(`HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n${ok(start)}`);
      }
    });
    await bothWays(ways, async (port) => {
      const client = await Wire.open(port, 'GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n');
      const answers = [];
      for (let n = 0; n < 4; n++) answers.push(plain(await client.message('GET')));
      client.close();
      return answers;
    });
  });
});
