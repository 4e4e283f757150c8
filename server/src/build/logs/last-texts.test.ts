import { describe, expect, it } from 'vitest';
import { lastTexts } from './last-texts.js';

describe('the last texts of lines', () => {
  it.each([
    ['one\ntwo', 'one\ntwo'],
    ['10 %\r50 %\r100 %\nnext', '100 %\nnext'],
    ['one\r\ntwo\r\r\n', 'one\ntwo\n'],
    ['at 50 %\r', 'at 50 %'],
    ['\r', ''],
    ['\r\r\na', '\na'],
    ['long text\r\x1b[Kshort', '\x1b[Kshort'],
  ])('of %j are %j', (text, expected) => {
    expect(lastTexts(text, false)).toBe(expected);
  });

  it('are the same for a reader who had a part of the line before', () => {
    const text = 'a\rbb\rccc\nnext';
    for (let at = 1; at < text.indexOf('\n'); at++) {
      const [before, after] = [lastTexts(text.slice(0, at), false), lastTexts(text.slice(at), true)];
      if (text[at - 1] !== '\r') expect(lastTexts(before + after, false)).toBe('ccc\nnext');
    }
  });
});
