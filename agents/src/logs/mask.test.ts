import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Mask } from './mask.js';
import { secretForms } from './secret-forms.js';
import { SecretMatcher } from './secret-matcher.js';

const matcherOf = (secrets: string[]) => SecretMatcher.of(secrets) as SecretMatcher;

/** Through the mask in the given writes. */
function masked(matcher: SecretMatcher, writes: (string | Buffer)[]): string {
  const mask = new Mask(matcher);
  const out = writes.map((write) => Buffer.from(mask.push(Buffer.from(write))));
  return Buffer.concat([...out, mask.flush()]).toString();
}

/** Of processor time, the best of three: what else the machine does slows a processor down as well. */
function mbPerSecond(matcher: SecretMatcher, write: Buffer, bytes: number): number {
  const rates = Array.from({ length: 3 }, () => {
    const [mask, started] = [new Mask(matcher), process.cpuUsage()];
    for (let sent = 0; sent < bytes; sent += write.length) mask.push(write);
    return bytes / process.cpuUsage(started).user;
  });
  return Math.max(...rates);
}

function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('a mask', () => {
  const secret = 'hunter2-Zürich/+&"x';
  const matcher = matcherOf([secret, 'another one', 'hunt']);

  it('hides a secret cut into two writes at any byte', () => {
    const text = Buffer.from(`before ${secret} after\n`);
    for (let at = 0; at <= text.length; at++) {
      expect(masked(matcher, [text.subarray(0, at), text.subarray(at)])).toBe('before *** after\n');
    }
  });

  it('hides a secret written byte by byte', () => {
    expect(
      masked(
        matcher,
        [...Buffer.from(`${secret}${secret} hunhunt hun`)].map((byte) => Buffer.of(byte)),
      ),
    ).toBe('****** hun*** hun');
  });

  const forms: [string, string][] = [
    ['base64', Buffer.from(secret).toString('base64')],
    ['base64 after one byte', Buffer.from(`:${secret}:`).toString('base64')],
    ['base64 after two bytes', Buffer.from(`u:${secret}:`).toString('base64')],
    ['base64url', Buffer.from(secret).toString('base64url')],
    ['URL', encodeURIComponent(secret)],
    ['URL, lower case', encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase())],
    ['form', new URLSearchParams({ a: secret }).toString().slice(2)],
    ['JSON', JSON.stringify(secret).slice(1, -1)],
    ['JSON that may stand in HTML', JSON.stringify(secret).slice(1, -1).replace('&', '\\u0026')],
    ['HTML', 'hunter2-Zürich/+&amp;&quot;x'],
    ['HTML in ASCII', 'hunter2-Z&#252;rich/+&amp;&#34;x'],
    ['hex', Buffer.from(secret).toString('hex')],
    ['hex, upper case', Buffer.from(secret).toString('hex').toUpperCase()],
    ['a fingerprint', Buffer.from(secret).toString('hex').match(/../g)?.join(':') ?? ''],
    ['escapes of C', Buffer.from(secret).toString('hex').replace(/../g, '\\x$&')],
    ['base64 of UTF-16', Buffer.from(secret, 'utf16le').toString('base64')],
    ['a word of a shell', 'hunter2-Zürich/+\\&\\"x'],
    ['JSON in ASCII', JSON.stringify(secret).slice(1, -1).replace('ü', '\\u00fc')],
  ];
  it.each(forms)('hides it encoded as %s, cut at any byte', (_, text) => {
    for (let at = 0; at <= text.length; at++) {
      const out = masked(matcher, [`<${text.slice(0, at)}`, `${text.slice(at)}>`]);
      expect(out).toMatch(/^<.{0,4}\*\*\*.{0,4}>$/);
    }
  });

  it.each(['utf16le', 'big endian'])('hides it in UTF-16, %s', (order) => {
    const bytes = Buffer.from(`<${secret}>`, 'utf16le');
    const text = order === 'utf16le' ? bytes : bytes.swap16();
    for (let at = 0; at <= text.length; at++) {
      expect(masked(matcherOf([secret]), [text.subarray(0, at), text.subarray(at)]).replaceAll('\0', '')).toBe('<***>');
    }
  });

  it.each<[number, string]>([
    [0, 'JBUHEYLMORSXGZJM'],
    [1, 'PBUHK3TUMVZDELK2YO6HE2LDNAXSWJRCPA======'],
  ])('knows base32 as others write it (%i bytes before)', (before, encoded) => {
    const value = before === 0 ? 'Hhraltese,' : secret;
    expect(masked(matcherOf([value]), [`${encoded}\n`])).toMatch(/^.{0,2}\*\*\*.{0,8}\n$/);
    expect(masked(matcherOf([value]), [`${encoded.toLowerCase()}\n`])).toMatch(/^.{0,2}\*\*\*.{0,8}\n$/);
  });

  it.each([
    ['colours', '\x1b[1;31m'],
    ['an erased rest of the line', '\x1b[K'],
    ['a title', '\x1b]0;title\x07'],
    ['the end of a link', '\x1b]8;;\x1b\\'],
    ['a character set', '\x1b(B'],
  ])('hides a secret with %s in it, and keeps those, cut at any byte', (_, sequence) => {
    for (let inside = 1; inside < 12; inside++) {
      const text = `a ${secret.slice(0, inside)}${sequence}${secret.slice(inside)} b`;
      for (let at = 0; at <= text.length; at++) {
        expect(masked(matcherOf([secret]), [text.slice(0, at), text.slice(at)])).toBe(`a ***${sequence}*** b`);
      }
    }
  });

  it('hides each letter of a secret in a colour of its own, and a secret in a link', () => {
    const colourful = [...secret].map((letter, i) => `\x1b[3${i % 8}m${letter}`).join('');
    expect(stripVTControlCharacters(masked(matcherOf([secret]), [colourful]))).toMatch(/^\**$/);
    expect(masked(matcherOf([secret]), [`\x1b]8;;https://x/${secret}\x07here\x1b]8;;\x07`])).toBe(
      '\x1b]8;;https://x/***\x07here\x1b]8;;\x07',
    );
    expect(masked(matcherOf([secret]), [`\x1b${secret}`])).toBe('\x1b***');
  });

  it('hides a secret that begins as the escape sequence in it ends', () => {
    expect(masked(matcherOf(['mysecret']), ['m\x1b[31mysecret'])).toMatch(/^\*{3}[^y]*\*{3}$/);
  });

  it('hides a broken secret after an escape sequence without end', () => {
    expect(masked(matcherOf([secret]), [`\x1b]0;${'x'.repeat(9_000)}\n${secret}\n`])).toMatch(/x\n\*\*\*\n$/);
  });

  it('hides a secret broken over lines, and keeps the lines', () => {
    for (let at = 4; at < secret.length; at++) {
      expect(masked(matcherOf([secret]), [`a ${secret.slice(0, at)}\n`, `${secret.slice(at)} b\n`])).toBe('a ***\n*** b\n');
    }
  });

  it('hides each line of a secret of several lines, alone and together', () => {
    const key = '-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\nzz==\n-----END KEY-----\n';
    expect(masked(matcherOf([key]), [key])).toBe('***\n***\n***\n***\n***\n');
    expect(masked(matcherOf([key]), ['grep: kqhkiG9w0BAQEF\n'])).toBe('grep: ***\n');
    expect(masked(matcherOf([key]), [key.replaceAll('\n', '\r\n')])).not.toMatch(/[A-Z]/);
    expect(masked(matcherOf([key]), [JSON.stringify({ key })])).toBe('{"key":"***"}');
  });

  it('gives out an ended line at once unless it ends in a good part of a secret', () => {
    const mask = new Mask(matcherOf(['abcdefghijklmnopqrstuvwxyz']));
    expect(mask.push(Buffer.from('ends in a\n')).toString()).toBe('ends in a\n');
    expect(mask.push(Buffer.from('bcdefghijklmnopqrstuvwxyz\n')).toString()).toBe('***\n');
    expect(mask.push(Buffer.from('ends in abcdef\n')).toString()).toBe('ends in ');
    expect(mask.push(Buffer.from('next\n')).toString()).toBe('abcdef\nnext\n');
  });

  it('leaves text without a secret exactly as it is, however it is cut', () => {
    const next = random(7);
    for (let round = 0; round < 200; round++) {
      const text = Array.from({ length: 300 }, () => 'anoterhu2 \n\r'[next(12)]).join('');
      if (/h\s*u\s*n\s*t|a\s*n\s*o/.test(text)) continue;
      const cuts = [0, next(300), next(300), 300].sort((a, b) => a - b);
      expect(
        masked(
          matcher,
          cuts.map((at, i) => text.slice(at, cuts[i + 1])),
        ),
      ).toBe(text);
    }
  });

  it('gives the same for every way of cutting a text with secrets', () => {
    const next = random(11);
    const many = matcherOf(['abab', 'bba', 'aabba', 'babab\naab']);
    for (let round = 0; round < 500; round++) {
      const text = Array.from({ length: 40 }, () => 'aaabbbc'[next(7)]).join('');
      const bytes = text.split('');
      const bare = (out: string) => out.replaceAll(/\*+/g, '*');
      expect(bare(masked(many, bytes))).toBe(bare(masked(many, [text])));
    }
  });

  it('does not hold on to endless empty lines after the beginning of a secret', () => {
    const mask = new Mask(matcherOf(['abcdefghijkl']));
    mask.push(Buffer.from('abcdef'));
    let out = 0;
    for (let i = 0; i < 100; i++) out += mask.push(Buffer.alloc(1000, '\n')).length;
    expect(out).toBeGreaterThan(90_000);
  });

  it('masks 20 secrets in more than 20 MB a second of processor time', () => {
    const secrets = Array.from({ length: 20 }, (_, i) => `${i}secret-${Buffer.from(`value ${i * 7919}`).toString('hex')}`);
    const lines = Array.from(
      { length: 650 },
      (_, i) => `${i} [INFO] downloaded org.example:artifact-${i * 31}:1.${i} in ${i * 3} ms, checksum ${i * 7919}\n`,
    );
    const write = Buffer.from(lines.join(''));
    expect(mbPerSecond(matcherOf(secrets), write, 16_000_000)).toBeGreaterThan(20);
  });

  it('looks for a secret as large as a file in bounded memory', () => {
    const file = `{"key": "it's <é&"}\n`.repeat(3_300);
    const bytes = secretForms(file).reduce((sum, form) => sum + form.length, 0);
    expect(bytes).toBeLessThan(60 * file.length);
    expect(masked(matcherOf([file]), [Buffer.from(file).toString('base64')])).toMatch(/^.{0,4}\*\*\*.{0,4}$/);
  });

  it('masks secrets in coloured letters in more than 5 MB a second of processor time', () => {
    const write = Buffer.from('a\x1b[mb\x1b[mc\x1b[md\x1b[me\x1b[m'.repeat(3_000));
    expect(mbPerSecond(matcherOf(['abcde']), write, 1_500_000)).toBeGreaterThan(5);
  });
});
