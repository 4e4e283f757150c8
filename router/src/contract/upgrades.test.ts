import { describe, expect, it } from 'vitest';
import { ask, bothWays, contract, ok, plain } from '../testing/contract.js';
import { descriptorsBehind } from '../testing/descriptors.js';
import { Wire } from '../testing/wire.js';
import { ACCEPTED, asking, switching, WEB_SOCKET } from './upgrade-forms.js';

const pair = contract();

/** An application that answers every upgrade, then gives every byte back. */
const echoing = (accepted: string) =>
  pair.raw(async (connection) => {
    await connection.take('\r\n\r\n');
    connection.write(accepted + connection.received);
    connection.received = '';
    connection.socket.pipe(connection.socket, { end: true });
  });

describe('the wish for an upgrade', () => {
  const asked = (fields: string) => `GET / HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n`;

  it.each([
    'Connection: keep-alive, Upgrade\r\nUpgrade: own',
    'connection: upgrade\r\nupgrade: own',
    'Connection: keep-alive\r\nConnection: UPGRADE\r\nUpgrade: own',
  ])('reaches the application however it is written: %j', async (fields) => {
    const ways = await echoing(switching('own'));
    expect((await bothWays(ways, async (port) => ask(port, asked(fields)))).start).toContain(' 101 ');
  });

  it('for HTTP/2 is not passed on: the router would not see the requests within', async () => {
    const ways = await pair.raw(async (connection) => {
      connection.write(ok(JSON.stringify((await connection.message()).fields)));
    });
    for (const upgrade of ['h2c', 'H2C', 'h2c, own', 'own, h2c']) {
      const seen = await ask(
        ways.through,
        asked(`Connection: Upgrade, HTTP2-Settings\r\nUpgrade: ${upgrade}\r\nHTTP2-Settings: AAMAAABkAAQ`),
      );
      expect(seen.body).not.toMatch(/h2c|http2/i);
    }
  });
});

describe('CONNECT', () => {
  it('is refused: its answer would open a way past the router', async () => {
    const ways = await pair.raw((connection) => connection.write(ok()));
    expect((await ask(ways.through, 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n')).start).toMatch(/^HTTP\/1.1 405 /);
  });
});

describe('an upgrade that does not come about', () => {
  it('is an ordinary answer, and the connection goes on', async () => {
    const ways = await pair.raw(async (connection) => {
      for (;;) {
        await connection.message();
        connection.write('HTTP/1.1 426 Upgrade Required\r\nConnection: Upgrade\r\nUpgrade: own\r\nContent-Length: 2\r\n\r\nno');
      }
    });
    await bothWays(ways, async (port) => {
      const client = await Wire.open(port, WEB_SOCKET);
      const first = plain(await client.message('GET'));
      client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      const second = plain(await client.message('GET'));
      client.close();
      return [first, second];
    });
  });

  it('loses no descriptor when clients leave without an answer', async () => {
    let open = 0;
    const ways = await pair.raw(async (connection) => {
      open++;
      connection.socket.once('close', () => open--);
      await connection.ended().finally(() => connection.close());
    });
    const before = await descriptorsBehind(ways.through);
    const clients = await Promise.all(Array.from({ length: 100 }, () => Wire.open(ways.through, WEB_SOCKET)));
    await expect.poll(() => open).toBe(100);
    for (const client of clients) client.close();
    await expect.poll(() => open, { timeout: 10_000 }).toBe(0);
    await expect.poll(async () => (await descriptorsBehind(ways.through)) - before, { timeout: 10_000 }).toBeLessThan(5);
  });

  it('is refused where a web socket is asked for without its key', async () => {
    const ways = await echoing(ACCEPTED);
    expect((await ask(ways.through, asking('WebSocket'))).start).toMatch(/^HTTP\/1.1 400 /);
  });
});
