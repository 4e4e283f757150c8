import { describe, expect, it } from 'vitest';
import { parseAnsi, stripAnsi } from './ansi.ts';

const ESC = '\u001b';
const textOf = (line: string) =>
  parseAnsi(line)
    .map((span) => span.text)
    .join('');

describe('parseAnsi', () => {
  it('gives plain text back as one span without style', () => {
    expect(parseAnsi('hello')).toEqual([{ text: 'hello', className: '', color: null, background: null }]);
    expect(parseAnsi('')).toEqual([]);
  });

  it('knows colours, weights, resets, bright and 256 colours and true colour', () => {
    const spans = parseAnsi(`${ESC}[1;31mred${ESC}[22;39m plain ${ESC}[92mbright${ESC}[0m${ESC}[38;5;1midx${ESC}[38;2;1;2;3mtrue`);
    expect(spans.map((span) => [span.text, span.className])).toEqual([
      ['red', 'ansi-1 ansi-bold'],
      [' plain ', ''],
      ['bright', 'ansi-10'],
      ['idx', 'ansi-1'],
      ['true', ''],
    ]);
    expect(spans.at(-1)?.color).toContain('rgb(1 2 3)');
  });

  it('drops every other escape: cursor movement, titles, links, and one cut off at the end of the line', () => {
    expect(textOf(`a${ESC}[2Kb${ESC}]0;title\u0007c${ESC}]8;;http://x${ESC}\\d${ESC}(Be${ESC}[?25lf`)).toBe('abcdef');
    expect(textOf(`end${ESC}`)).toBe('end');
    expect(textOf(`end${ESC}[31`)).not.toContain(ESC);
  });

  it('shows what a line drawn over with carriage returns shows last', () => {
    expect(textOf('10%\r55%\r100%')).toBe('100%');
    expect(textOf('windows line\r')).toBe('windows line');
  });

  it('makes control characters and characters that turn the direction of text visible', () => {
    expect(textOf('a\u0000b\u0007c')).toBe('a\u2400b\u2407c');
    expect(textOf('user\u202e nimda')).toBe('user\ufffd nimda');
  });

  it('never lets a colour be anything but a colour', () => {
    const [span] = parseAnsi(`${ESC}[38;2;999;url(x);-5mx`);
    expect(span?.color ?? '').not.toContain('url');
  });

  it('strips to the text that is searched', () => {
    expect(stripAnsi(`${ESC}[31merror${ESC}[0m: no`)).toBe('error: no');
  });
});
