import { describe, expect, it } from 'vitest';
import { packPayload, readPayload, showPayload, UnreadablePayload, unpackPayload } from './payload.js';

const FORM = 'application/x-www-form-urlencoded; charset=utf-8';
const bytes = (text: string) => Buffer.from(text);

describe('a payload', () => {
  it('comes back from the store byte for byte, and small', async () => {
    const body = bytes(JSON.stringify(Array.from({ length: 1_000 }, (_, n) => ({ id: n, name: 'größe/日本語' }))));
    const stored = await packPayload(body);
    expect(await unpackPayload(stored)).toEqual(body);
    expect(stored.length).toBeLessThan(body.length / 5);
  });

  it('is read from JSON and from the field of a form', () => {
    expect(readPayload(bytes('{"a":"ü"}'), 'application/json')).toEqual({ a: 'ü' });
    expect(readPayload(bytes('other=1&payload=%7B%22a%22%3A%22%C3%BC+b%22%7D'), FORM)).toEqual({ a: 'ü b' });
    expect(readPayload(bytes('{"a":1}'), null)).toEqual({ a: 1 });
  });

  it.each([
    ['{', null, 'is not JSON'],
    ['a=b', FORM, 'is a form without a field "payload"'],
    ['payload=%7B', FORM, 'is not JSON'],
  ])('that reads %j says what is wrong', (text, type, why) => {
    expect(() => readPayload(bytes(text), type)).toThrow(UnreadablePayload);
    expect(() => readPayload(bytes(text), type)).toThrow(why);
  });

  it('is laid out for people, and shown as it came when that can not be done', () => {
    expect(showPayload(bytes('{"a":[1]}'), null).text).toBe('{\n  "a": [\n    1\n  ]\n}');
    expect(showPayload(bytes('no json'), null)).toEqual({ text: 'no json', truncated: false });
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect(showPayload(bytes(deep), null).text).toBe(deep);
  });
});
