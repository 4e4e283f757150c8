import { describe, expect, it } from 'vitest';
import { ask, bothWays, contract, ok } from '../testing/contract.js';
import { values } from '../testing/message.js';

const pair = contract();
const latin1 = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

/** An application that answers every request of a connection with these bytes. */
const answering = (bytes: string) =>
  pair.raw(async (connection) => {
    for (;;) {
      await connection.message();
      connection.write(bytes);
    }
  });

/** An application that answers with the head of the request, as it came. */
const _showing = () =>
  pair.raw(async (connection) => {
    for (;;) {
      const head = await connection.take('\r\n\r\n');
      connection.write(ok(head));
    }
  });

describe('the head of an answer', () => {
  it.each([
    ['UTF-8', latin1('HTTP/1.1 200 Schön ✓')],
    ['latin1', 'HTTP/1.1 404 Nicht gefunden \xe4\xff'],
    ['a tab and many words', 'HTTP/1.1 200 Very\twell  done'],
    ['an unknown status', 'HTTP/1.1 299 Own'],
    ['a status above 599', 'HTTP/1.1 799 Own'],
  ])('keeps the first line: %s', async (_, line) => {
    const ways = await answering(`${line}\r\nContent-Length: 2\r\n\r\nok`);
    const { start, body } = await bothWays(ways, (port) => ask(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'));
    expect([start, body]).toEqual([line, 'ok']);
  });

  it('may have no reason; HAProxy 2.8 then says its own', async () => {
    for (const line of ['HTTP/1.1 200 ', 'HTTP/1.1 200']) {
      const { start, body } = await ask(
        (await answering(`${line}\r\nContent-Length: 2\r\n\r\nok`)).through,
        'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
      );
      expect([start, body]).toEqual([expect.stringMatching(/^HTTP\/1.1 200( OK| |)$/), 'ok']);
    }
  });

  it('keeps the bytes of every field, its repetitions and its order', async () => {
    const fields = [
      `Location: ${latin1('/grüße/日本?q=ü')}`,
      'X-Latin1: caf\xe9 \x80\xff',
      `Content-Disposition: attachment; filename="${latin1('Übersicht €.pdf')}"`,
      'Set-Cookie: b=2; Path=/; Expires=Thu, 01 Jan 2099 00:00:00 GMT',
      'X-Between: 1',
      `Set-Cookie: a=${latin1('ü')}; HttpOnly`,
      'Set-Cookie: b=3',
      'X-Empty:',
      'X-Tab: a\tb',
      'X-Spaces: a  b   c',
      'WWW-Authenticate: Basic realm="x, y", Bearer',
      'x.dots_and~others!: 1',
      'Vary: a, b',
      'Vary: c',
    ];
    const ways = await answering(`HTTP/1.1 200 OK\r\n${fields.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`);
    const answer = await bothWays(ways, (port) => ask(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'));
    expect(values(answer, 'set-cookie')).toHaveLength(3);
  });

  it('gets neither a date nor a server nor anything else from the router', async () => {
    const ways = await answering(ok());
    const answer = await bothWays(ways, (port) => ask(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'));
    expect(answer.fields).toEqual([['content-length', '2']]);
  });

  it.each([17, 22])('may have %i KB, in one field or in many', async (kb) => {
    for (const each of [kb * 1024, 1024]) {
      const many = Array.from({ length: (kb * 1024) / each }, (_, n) => `X-${n}: ${'v'.repeat(each - 10)}\r\n`).join('');
      const ways = await answering(ok('ok', many));
      expect((await bothWays(ways, (port) => ask(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'))).body).toBe('ok');
    }
  });

  it('may have 500 fields', async () => {
    const ways = await answering(ok('ok', Array.from({ length: 500 }, (_, n) => `X-${n}: v\r\n`).join('')));
    expect((await bothWays(ways, (port) => ask(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'))).fields).toHaveLength(501);
  });

  it('is refused above the limit, which is said', async () => {
    const ways = await answering(ok('ok', `X: ${'v'.repeat(70 * 1024)}\r\n`));
    const answer = await ask(ways.through, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(answer.start).toMatch(/^HTTP\/1.1 502 /);
    expect(answer.body).toMatch(/head of the answer is longer than 23 KB/);
  });
});
