import { describe, expect, it } from 'vitest';
import { ask, bothWays, contract, ok } from '../testing/contract.js';
import type { Field } from '../testing/message.js';

const pair = contract();

/** What an application sees that reads fields as CGI does (Rack, WSGI, PHP): in capitals, all else than letters and digits an underscore. */
const cgi = (name: string) => name.toUpperCase().replace(/[^A-Z0-9]/g, '_');

const showing = () =>
  pair.raw(async (connection) => {
    for (;;) connection.write(ok(JSON.stringify((await connection.message()).fields)));
  });

const seen = async (port: number, fields: string) =>
  JSON.parse((await ask(port, `GET / HTTP/1.1\r\nHost: shop.example:81\r\n${fields}\r\n`)).body) as Field[];

describe('fields about who asks', () => {
  it('come from the router alone, one each', async () => {
    const ways = await showing();
    const forwarded = (await seen(ways.through, '')).filter(([name]) => /forwarded|real/.test(name));
    expect(Object.fromEntries(forwarded)).toEqual({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'shop.example:81',
      'x-forwarded-port': String(ways.through),
      'x-forwarded-proto': 'http',
      'x-real-ip': '127.0.0.1',
    });
    expect(forwarded).toHaveLength(5);
  });

  it.each([
    ...[
      'Forwarded',
      'FORWARDED',
      'X-Forwarded-For',
      'x-forwarded-host',
      'X-Forwarded-Proto',
      'X-Forwarded-Port',
      'X-Forwarded-Prefix',
      'X-Forwarded-Ssl',
    ],
    ...[
      'X-Forwarded-By',
      'X-Forwarded-Server',
      'X-Forwarded',
      'X-Forwarded-Anything',
      'X-Real-IP',
      'X_Forwarded_For',
      'X_FORWARDED_HOST',
      'x-forwarded_proto',
    ],
    ...[
      'X_Forwarded-For',
      'X.Forwarded.For',
      'X~Forwarded!For',
      'X_Real_IP',
      'x-real_ip',
      'X_Forwarded',
      "X'Forwarded'For",
      'X-Forwarded.Proto',
    ],
  ])('are not taken from the client: %s', async (name) => {
    const ways = await showing();
    const hostile = (await seen(ways.through, `${name}: evil\r\n${name}: evil too\r\nX-Other: kept\r\n`)).filter(([, value]) =>
      value.includes('evil'),
    );
    expect(hostile).toEqual([]);
    const all = (await seen(ways.through, `${name}: evil\r\nX-Other: kept\r\n`)).map(([its]) => cgi(its));
    expect(all).toContain('X_OTHER');
    expect(new Set(all).size).toBe(all.length);
  });

  it('can not be taken away by naming them as fields of the connection', async () => {
    const ways = await showing();
    for (const names of ['X-Forwarded-For, X-Real-IP', 'close, X-Forwarded-For', 'Host', 'X-Forwarded-Host, upgrade']) {
      const fields = await seen(ways.through, `Connection: ${names}\r\n`);
      expect(fields).toContainEqual(['x-forwarded-for', '127.0.0.1']);
      expect(fields).toContainEqual(['host', 'shop.example:81']);
      const connection = fields.filter(([name]) => name === 'connection').flatMap(([, value]) => value.toLowerCase().split(/, */));
      expect(connection.filter((token) => !['close', 'keep-alive', 'upgrade'].includes(token))).toEqual([]);
    }
  });

  it('leave alone what only looks like them', async () => {
    const ways = await showing();
    const fields = 'Forwarded-To: a\r\nMy_Forwarded: b\r\nX-Forward: c\r\nX-Really: d\r\nXForwardedFor: e\r\nFor_Warded: f\r\n';
    await bothWays(ways, async (port) => (await seen(port, fields)).filter(([, value]) => value.length === 1));
    expect((await seen(ways.through, fields)).filter(([, value]) => value.length === 1)).toHaveLength(6);
  });
});

describe('Host', () => {
  it.each(['shop.example', 'shop.example:8080', '[::1]:80', 'UPPER.example', '', 'xn--bcher-kva.example', 'a_b.example'])(
    'is as the client said: %j',
    async (host) => {
      const ways = await showing();
      await bothWays(ways, async (port) =>
        (JSON.parse((await ask(port, `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).body) as Field[]).filter(([name]) => name === 'host'),
      );
    },
  );

  it.each([
    ['http://shop.example/a?b=c', '/a?b=c', 'shop.example'],
    ['http://shop.example:8080/', '/', 'shop.example:8080'],
    ['http://shop.example', '/', 'shop.example'],
    ['HTTP://Shop.example/%2F//', '/%2F//', 'Shop.example'],
    ['http://user:word@shop.example/', '/', 'shop.example'],
    ['https://shop.example/s', '/s', 'shop.example'],
  ])('is as the absolute form says, whatever the field says: %s', async (uri, path, host) => {
    const ways = await pair.raw(async (connection) => {
      const { start, fields } = await connection.message();
      connection.write(ok(JSON.stringify([start, fields.filter(([name]) => name === 'host' || name === 'x-forwarded-host')])));
    });
    for (const said of ['other.example', host]) {
      const [start, hosts] = JSON.parse((await ask(ways.through, `GET ${uri} HTTP/1.1\r\nHost: ${said}\r\n\r\n`)).body);
      expect(start).toBe(`GET ${path} HTTP/1.1`);
      expect(Object.fromEntries(hosts)).toEqual({ host, 'x-forwarded-host': host });
      expect(hosts).toHaveLength(2);
    }
  });
});
