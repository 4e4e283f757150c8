import { describe, expect, it } from 'vitest';
import { readConfig } from '../config.js';
import { versionOf } from '../haproxy/program.js';
import { bothWays, contract, plain } from '../testing/contract.js';
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

describe('an upgraded connection', () => {
  it('carries frames as they are: fragmented, large, compressed, with what the client sends before it has an answer', async () => {
    const ways = await echoing(ACCEPTED);
    const frames = [
      '\x01\x83abcd\xff\x00\x01',
      '\x80\x83efgh\x10\x20\x30',
      '\xc1\x85ijkl\x78\x9c\x4b\x4c\x01',
      `\x82\xff\0\0\0\0\0\x20\0\0mask${'\xa5'.repeat(2 ** 21)}`,
    ];
    const answer = await bothWays(ways, async (port) => {
      const client = await Wire.open(port, WEB_SOCKET + frames[0]);
      const head = plain(await client.message('GET'));
      for (const frame of frames.slice(1)) client.write(frame);
      client.socket.end();
      const back = await client.ended();
      expect(back === frames.join('')).toBe(true);
      return head;
    });
    expect(answer.start).toBe('HTTP/1.1 101 Switching Protocols');
  });

  it.each(['own-protocol', 'tcp', 'SPDY/3.1', 'a, b'])('may speak another protocol: %s', async (protocol) => {
    const ways = await echoing(switching(protocol));
    await bothWays(ways, async (port) => {
      const client = await Wire.open(port, asking(protocol));
      const head = plain(await client.message('GET'));
      client.write('\0any\xffbytes\r\n\r\nGET / HTTP/1.1');
      await client.take('GET / HTTP/1.1');
      client.close();
      return head;
    });
  });

  it('stays open towards the client when the client has said its last word', async () => {
    const ways = await pair.raw(async (connection) => {
      await connection.take('\r\n\r\n');
      connection.write(switching('own'));
      connection.socket.end(`got ${await connection.ended()}, then the end`);
    });
    await bothWays(ways, async (port) => {
      const client = await Wire.open(port, asking('own'));
      await client.take('\r\n\r\n');
      client.socket.end('all');
      expect(await client.ended()).toBe('got all, then the end');
    });
  });

  it('stays open towards the application when the application has said its last word', async () => {
    const heard: string[] = [];
    const ways = await pair.raw(async (connection) => {
      await connection.take('\r\n\r\n');
      connection.write(switching('own'));
      await connection.take('go on');
      connection.socket.end('bye');
      heard.push(await connection.ended());
    });
    // HAProxy before 2.8 ends both directions as soon as the application ends its own.
    const endsBoth =
      Number.parseFloat(await versionOf(readConfig({ ...process.env, SLIPWAY_ROUTER_DIR: '-', SLIPWAY_ROUTER_SOCKET: '-' }).haproxy)) < 2.8;
    for (const port of [ways.direct, ways.through]) {
      const client = await Wire.open(port, asking('own'));
      await client.take('\r\n\r\n');
      client.write('go on');
      expect(await client.ended()).toBe('bye');
      client.socket.end('last words');
      await expect.poll(() => heard.length).toBe(1);
      expect(endsBoth && port === ways.through ? ['', 'last words'] : ['last words']).toContain(heard.pop());
      client.close();
    }
  });

  it('ends for the application when the client breaks off, and the other way round', async () => {
    const ends: string[] = [];
    const ways = await pair.raw(async (connection) => {
      connection.socket.once('close', () => ends.push('closed'));
      await connection.take('\r\n\r\n');
      connection.write(switching('own'));
      if ((await connection.take('\n')) === 'cut me\n') connection.socket.resetAndDestroy();
      await connection.ended().finally(() => connection.close());
    });
    await bothWays(ways, async (port) => {
      for (const word of ['stay', 'cut me']) {
        const client = await Wire.open(port, `${asking('own')}${word}\n`);
        await client.take('\r\n\r\n');
        if (word === 'stay') client.socket.resetAndDestroy();
        else await client.ended();
        await expect.poll(() => ends.splice(0)).toEqual(['closed']);
        client.close();
      }
    });
  });
});
