import { describe, expect, it } from 'vitest';
import { ask, bothWays, contract, ok } from '../testing/contract.js';
import { values } from '../testing/message.js';

const pair = contract();
const OWN = 'slipway_0123456789ab';

const showing = () =>
  pair.raw(async (connection) => {
    for (;;) connection.write(ok(JSON.stringify(values(await connection.message(), 'cookie'))));
  });

const cookiesSeen = async (port: number, lines: string[]) =>
  JSON.parse((await ask(port, `GET / HTTP/1.1\r\nHost: a\r\n${lines.map((line) => `Cookie: ${line}\r\n`).join('')}\r\n`)).body) as string[];

describe('cookies', () => {
  it('reach the application as they are', async () => {
    const ways = await showing();
    for (const lines of [
      ['a=1'],
      ['a=1,2; b="3; 4"; c'],
      ['a=1', 'b=2'],
      ['', 'b=2'],
      [`${OWN.slice(0, -1)}=short; my_${OWN}=2; slipway-release=x`],
      ['\xe4=\xff; =; ;;'],
    ])
      await bothWays(ways, (port) => cookiesSeen(port, lines));
  });

  it.each([
    [`${OWN}=secret`, undefined],
    [`a=1; ${OWN}=secret; b=2`, 'a=1; b=2'],
    [`${OWN}=secret; b=2`, 'b=2'],
    [`a=1,2; __Host-${OWN}=secret`, 'a=1,2'],
    [`${OWN}=secret; __Host-${OWN}=secret; slipway_ba9876543210=secret; b=1,`, 'b=1,'],
    [`a=1;${OWN}=secret;b=2`, 'a=1;b=2'],
  ])('of Slipway itself do not: browsers send them to every port of its host (%s)', async (line, left) => {
    expect((await cookiesSeen((await showing()).through, [line]))[0]).toBe(left);
  });

  it('of Slipway itself can not be set by an application', async () => {
    const ways = await pair.raw(async (connection) => {
      await connection.message();
      connection.write(
        ok('', `Set-Cookie: a=1, 2\r\nSet-Cookie: ${OWN}=mine; Path=/\r\nSet-Cookie: __Host-${OWN} =mine\r\nSet-Cookie: own=${OWN}\r\n`),
      );
    });
    const set = values(await ask(ways.through, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'), 'set-cookie');
    expect(set.filter((cookie) => !cookie.startsWith('slipway-refused='))).toEqual(['a=1, 2', `own=${OWN}`]);
  });
});
