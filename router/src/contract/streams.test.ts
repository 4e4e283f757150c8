import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bothWays, contract, ok, plain } from '../testing/contract.js';
import { Wire } from '../testing/wire.js';

const pair = contract();
const EVENTS = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';
const GET = 'GET / HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n';
const chunk = (part: string) => `${part.length.toString(16)}\r\n${part}\r\n`;

describe('a stream', () => {
  it('reaches the client event by event, whether in chunks or without a length', async () => {
    for (const head of [EVENTS, 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n']) {
      const ways = await pair.raw(async (connection) => {
        await connection.message();
        connection.write(head);
        for (let n = 0; n < 3; n++) {
          const event = `data: ${n}\n\n`;
          connection.write(head === EVENTS ? chunk(event) : event);
          await heard.wait(n);
        }
        connection.socket.end(head === EVENTS ? '0\r\n\r\n' : '');
      });
      const heard = turns();
      await bothWays(ways, async (port) => {
        heard.reset();
        const client = await Wire.open(port, GET);
        for (let n = 0; n < 3; n++) {
          await client.take(`data: ${n}\n\n`);
          heard.say(n);
        }
        if (head === EVENTS) await client.take('0\r\n\r\n');
        else await client.ended();
        client.close();
      });
    }
  });

  it('is gone for the application once its client has left', async () => {
    const left: string[] = [];
    const ways = await pair.raw(async (connection) => {
      connection.socket.once('close', () => left.push('left'));
      await connection.message();
      connection.write(EVENTS + chunk('data: first\n\n'));
      await connection.ended().finally(() => connection.close());
    });
    await bothWays(ways, async (port) => {
      const client = await Wire.open(port, GET);
      await client.take('data: first\n\n');
      client.close();
      await expect.poll(() => left.splice(0)).toEqual(['left']);
    });
  });

  it('is gone for the application when the client leaves before there is an answer', async () => {
    const left: string[] = [];
    const asked: string[] = [];
    const ways = await pair.node((incoming) => {
      asked.push('asked');
      incoming.socket.once('close', () => left.push('left'));
    });
    await bothWays(ways, async (port) => {
      const client = await Wire.open(port, GET);
      await expect.poll(() => asked.splice(0)).toEqual(['asked']);
      client.close();
      await expect.poll(() => left.splice(0)).toEqual(['left']);
    });
  });

  it('may be silent for an hour, an upgraded connection for days', async () => {
    const written = (await readdir(join(pair.router.dir, 'haproxy'))).filter((name) => name.endsWith('.cfg'));
    const configuration = await readFile(join(pair.router.dir, 'haproxy', written.at(-1) as string), 'utf8');
    for (const timeout of ['client 1h', 'server 1h', 'tunnel 24d']) expect(configuration).toContain(`\n  timeout ${timeout}\n`);
  });

  it('goes on through a switch, while new requests go to the new release', async () => {
    const go = Promise.withResolvers<void>();
    const before = await pair.rawBackend(async (connection) => {
      await connection.message();
      connection.write(EVENTS + chunk('data: first\n\n'));
      await go.promise;
      connection.write(`${chunk('data: last\n\n')}0\r\n\r\n`);
    });
    const after = await pair.rawBackend(async (connection) => {
      await connection.message();
      connection.write(ok('after'));
    });
    const { through } = await pair.route(before);
    const client = await Wire.open(through, GET);
    await client.take('data: first\n\n');
    await pair.route(after);
    const next = await Wire.open(through, GET);
    expect(plain(await next.message('GET')).body).toBe('after');
    go.resolve();
    await client.take('data: last\n\n');
    expect(await client.take('0\r\n\r\n')).toContain('0');
    client.close();
    next.close();
  });
});

/** One waits until the other has said the nth thing. */
function turns() {
  let said: PromiseWithResolvers<void>[] = [];
  return {
    reset: () => (said = Array.from({ length: 3 }, () => Promise.withResolvers<void>())),
    say: (nth: number) => said[nth]?.resolve(),
    wait: (nth: number) => said[nth]?.promise,
  };
}
