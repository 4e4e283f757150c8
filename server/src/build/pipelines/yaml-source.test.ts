import { describe, expect, it } from 'vitest';
import { readYaml } from './yaml-source.js';

function read(text: string): unknown {
  const answer = readYaml('x.yml', text);
  if ('source' in answer) return answer.source.value;
  return [...answer.problems].map(({ line, column, message, remedy }) => `${line}:${column} ${message} → ${remedy}`);
}

describe('what is written is what is read', () => {
  it.each([
    ...['1.10', '010', '0o17', '0x21fe1b0c5a6d7e8f', '1234567e8', '1e3', '.inf', '-.INF', '.nan', '+12', '1_000', '9007199254740993'],
    ...['2026-01-01', '2026-01-01 10:00:00', '12:30:45', '190:20:30', 'yes', 'no', 'on', 'Off', 'true', 'NULL', 'null', '~', '=', 'y'],
  ])('%s', (text) => {
    expect(read(`a: ${text}\nb: [${text}]\n${text}: key`)).toEqual({ a: text, b: [text], [text]: 'key' });
  });

  it('in quotes too; what has no text is null, and an empty text in quotes is a text', () => {
    expect(read('a: "1.10"\nb: \'~\'\nc:\nd: ""\ne: {f, g: }')).toEqual({ a: '1.10', b: '~', c: null, d: '', e: { f: null, g: null } });
  });

  it('whatever tags say of what it looks like', () => {
    expect(read('a: !!int 010\nb: !!str 1\nc: ! x\nd: !!seq [!!bool on]\ne: !!map {f: !<tag:yaml.org,2002:float> 1}')).toEqual({
      a: '010',
      b: '1',
      c: 'x',
      d: ['on'],
      e: { f: '1' },
    });
  });

  it('with Windows line ends and a byte order mark, as any editor saves it', () => {
    expect(read('\uFEFFa: |\r\n  one\r\n  two\r\nb:\r\n  - c\r\n')).toEqual({ a: 'one\ntwo\n', b: ['c'] });
  });

  it('shell text, with any escape sequences, brackets and dashes', () => {
    const script = `printf '${'\\033[1m'.repeat(100)}'\necho ${'['.repeat(200)}\n${'- '.repeat(100)}x\n`;
    expect(read(`run: |\n${script.replace(/^/gm, '  ').trimEnd()}\n# ${'['.repeat(100)}\nb: "${'{'.repeat(100)}"`)).toEqual({
      run: script,
      b: '{'.repeat(100),
    });
  });

  it('with names that objects have of their own', () => {
    const value = read('constructor: a\ntoString: b\nhasOwnProperty: c\nvalueOf: {prototype: d}') as object;
    expect(Object.entries(value)).toEqual([
      ['constructor', 'a'],
      ['toString', 'b'],
      ['hasOwnProperty', 'c'],
      ['valueOf', { prototype: 'd' }],
    ]);
  });

  it('where aliases stand, what the anchor before them stands for; merged maps go behind what a map says itself', () => {
    expect(
      read('a: &x {k: 1, l: 2}\nb: *x\nc: {<<: *x, l: own}\nd: &x [3]\ne: *x\nf: {<<: [{k: first}, {k: second, m: 4}]}\ng: {"<<": 5}'),
    ).toEqual({
      a: { k: '1', l: '2' },
      b: { k: '1', l: '2' },
      c: { l: 'own', k: '1' },
      d: ['3'],
      e: ['3'],
      f: { k: 'first', m: '4' },
      g: { '<<': '5' },
    });
  });
});

const UNSTORABLE =
  'This text contains a NUL character or half a character. → Remove escapes like \\0 and \\ud800. If the whole file is full of NUL, it is UTF-16: save it as UTF-8.';

describe('what can not be read is said, with its place', () => {
  it.each([
    ['a key twice', 'a: 1\nb: {c: 1, c: 2}', '2:11 The key "c" is here for the second time. → Keep one of the two, or rename one.'],
    ['__proto__', 'a:\n  __proto__: {b: 1}', '2:3 "__proto__" can\'t be used as a name. → Rename it.'],
    [
      'a list as a key',
      '? [a]\n: b',
      '1:3 A key must be a text. → Write a name before the colon; a text that begins with a bracket needs quotes.',
    ],
    [
      'an unknown alias',
      'a: *b',
      '1:4 There is no anchor "&b" before this alias. → Define the anchor above, or correct the name. A text that begins with "*", such as a pattern, needs quotes.',
    ],
    ['a NUL', 'a:\n  b: "x\\0"', `2:6 ${UNSTORABLE}`],
    ['half a character', 'a: {"\\ud800": b}', `1:5 ${UNSTORABLE}`],
    ['lines of old', 'a: 1\rb: 2\r', expect.stringContaining('null:null The lines end with a carriage return alone')],
    ['what a merge left', 'a:\n<<<<<<< HEAD\n  b: 1\n', expect.stringContaining('2:1 A merge left a conflict here. → Choose')],
    [
      'an alias in itself',
      'a: &a\n  b: *a',
      '2:6 The alias "*a" refers to a part that contains it. → Remove it, or give the shared part an anchor of its own.',
    ],
    ['a merge of a text', 'a: {<<: b}', '1:9 "<<" merges maps, but this is not a map. → Name a map by its alias, as in "<<: *defaults".'],
    [
      'a second document',
      'a: 1\n---\nb: 1',
      '2:1 This is not valid YAML: The file contains several documents → A pipeline is one document: remove the line "---" here, or what follows it.',
    ],
    [
      'deep brackets',
      `a:\n  ${'['.repeat(60)}`,
      '2:53 Lists or maps are nested more than 50 deep here. → Flatten them; no pipeline needs this.',
    ],
    [
      'deep lines',
      Array.from({ length: 60 }, (_, n) => `${' '.repeat(n)}a:`).join('\n'),
      '52:52 Lists or maps are nested more than 50 deep here. → Flatten them; no pipeline needs this.',
    ],
    [
      'a bracket left open, and colons without end',
      `a: {b: {c: d\ne: ${': '.repeat(5_000)}}`,
      'null:null Lists or maps are nested too deep. → Flatten them; no pipeline needs this.',
    ],
    ['deep lists', '- '.repeat(60), '1:101 Lists or maps are nested more than 50 deep here. → Flatten them; no pipeline needs this.'],
  ])('%s', (_name, text, expected) => {
    expect(read(text)).toEqual([expected]);
  });

  it.each(['!!binary aGk=', '!reference [a, b]', '!main', '!!set {a}', '!!omap [a: b]', '!ruby/object {a: b}'])(
    'the tag of %s, which would name something else',
    (text) => {
      expect(read(`a:\n  - ${text}`)).toEqual([expect.stringMatching(/^2:\d+ The tag "!.*" is not understood\. → Remove it\. A text/)]);
    },
  );

  it.each([
    ['echo "a: b"', 'Put quotes around the whole text.'],
    ['@x', 'Put quotes around the whole text.'],
    ['*', 'Put quotes around the whole text. Without them, "*"'],
    ['"C:\\Users"', 'Write the backslash twice'],
    ['"x', 'Close the quote'],
    ['[x', 'Close the bracket'],
    ['|\nx', 'Put a colon and a value'],
  ])('the text %j, with what its writer meant', (text, remedy) => {
    expect((read(`a: ${text}\n`) as string[]).at(-1)).toContain(` → ${remedy}`);
  });

  it('anchors that explode, as lists and as merged maps', () => {
    const levels = (item: (name: string) => string) =>
      ['a: &a {x: 1}', ...[...'bcdefghij'].map((name, n) => `${name}: &${name} ${item('abcdefghi'[n] ?? '')}`)].join('\n');
    for (const text of [levels((name) => `[${`*${name}, `.repeat(10)}]`), levels((name) => `{<<: [${`*${name}, `.repeat(10)}]}`)]) {
      expect(read(text)).toEqual([expect.stringMatching(/^\d+:\d+ Here the file has more than 100000 values/)]);
    }
    const long = `a: &a ${'x'.repeat(100_000)}\nb: [${'*a, '.repeat(1_000)}]`;
    expect(read(long)).toEqual([expect.stringMatching(/^1:7 Here the file has more than/)]);
  });
});
