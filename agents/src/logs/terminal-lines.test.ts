import { describe, expect, it } from 'vitest';
import { TerminalLines } from './terminal-lines.js';

/** What stands in the log, with the writes cut as given. */
function linesOf(...writes: string[]): string[] {
  const done: string[] = [];
  let open = '';
  const lines = new TerminalLines({
    append: (text) => {
      const pieces = `${open}${text}`.split('\n');
      open = pieces.pop() ?? '';
      done.push(...pieces);
    },
    rewind: () => {
      open = '';
    },
  });
  for (const write of writes) lines.push(Buffer.from(write), 0);
  lines.flush(0);
  return [...done, open];
}

function applyTo(style: Map<string, string>, codes: string): void {
  for (const code of codes.split(';')) {
    if (code === '' || code === '0') style.clear();
    else if (code === '39') style.delete('colour');
    else style.set(code === '1' ? 'bold' : 'colour', code);
  }
}

describe('lines of a terminal', () => {
  it.each<[string, string, string[]]>([
    ['a progress bar', '10 %\r50 %\r100 %\n', ['100 %', '']],
    ['one that moves to the first column', '10 %\x1b[1G50 %\x1b[G100 %\n', ['100 %', '']],
    ['line ends of Windows', 'one\r\ntwo\r\r\n', ['one', 'two', '']],
    ['a return at the very end', 'at 50 %\r', ['at 50 %']],
    ['a return before a colour goes off', '\x1b[32mat 50 %\r\x1b[0m\nnext', ['\x1b[32mat 50 %', 'next']],
    ['a line that is erased and written anew', 'long text\r\x1b[Kshort', ['\x1b[Kshort']],
    [
      'a colour over line ends',
      '\x1b[31mone\ntwo\n\nthree\x1b[0m\nfour',
      ['\x1b[31mone', '\x1b[31mtwo', '', '\x1b[31mthree\x1b[0m', 'four'],
    ],
    ['a colour that starts again', '\x1b[1;31m10 %\r20 %\x1b[0m\n', ['\x1b[1;31m20 %\x1b[0m', '']],
    ['several attributes', 'a\x1b[1m\x1b[38;5;208m\x1b[22m\nb', ['a\x1b[1m\x1b[38;5;208m\x1b[22m', '\x1b[38;5;208mb']],
    ['colours of 24 bits', '\x1b[38;2;1;2;3;48;5;7ma\nb', ['\x1b[38;2;1;2;3;48;5;7ma', '\x1b[38;2;1;2;3;48;5;7mb']],
    [
      'other sequences',
      '\x1b]8;;https://example.org\x07link\x1b]8;;\x07\x1b[2J',
      ['\x1b]8;;https://example.org\x07link\x1b]8;;\x07\x1b[2J'],
    ],
    ['an escape that is none', 'a\x1b', ['a\x1b']],
    ['a sequence without end', `\x1b[${'1;'.repeat(100)}`, [`\x1b[${'1;'.repeat(100)}`]],
  ])('take %s', (_, text, lines) => {
    expect(linesOf(text)).toEqual(lines);
    expect(linesOf(...text)).toEqual(lines);
  });

  it('show each line by itself as a terminal shows it in the whole, however the writes are cut', () => {
    const pieces = ['a', 'b', '\n', '\r', '\r\n', '\x1b[31m', '\x1b[1m', '\x1b[0m', '\x1b[39m', '\x1b[m', '\x1b[G', '\x1b[1;32m'];
    let seed = 5;
    const next = (below: number) => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    for (let round = 0; round < 3_000; round++) {
      const text = Array.from({ length: 12 }, () => pieces[next(pieces.length)]).join('');
      const cut = next(text.length);
      const lines = linesOf(text.slice(0, cut), text.slice(cut));
      expect(
        lines.map((line) => terminal(line)[0]),
        JSON.stringify(text),
      ).toEqual(terminal(text));
    }
  });
});

const PIECE = new RegExp(`${'\x1b'}\\[[0-9;]*[mG]|[\\s\\S]`, 'g');

/** The whole text on one terminal: styles go on over line ends, and returns at the end of a line write over nothing. */
function terminal(text: string): string[] {
  const style = new Map<string, string>();
  const rows: string[] = [];
  let [shown, returned]: [string[], boolean] = [[], false];
  for (const piece of text.match(PIECE) ?? []) {
    if (piece === '\n') {
      rows.push(shown.join(' '));
      [shown, returned] = [[], false];
    } else if (piece === '\r' || piece === '\x1b[G') returned = true;
    else if (piece.startsWith('\x1b')) applyTo(style, piece.slice(2, -1));
    else {
      if (returned) shown = [];
      returned = false;
      shown.push(`${piece}${[...style.values()].sort().join(',')}`);
    }
  }
  return [...rows, shown.join(' ')];
}
