/**
 * Random input for what reads strangers' files. Each round makes one input from the seed and checks what must hold whatever the input.
 * `node agents/src/workspace-program/testing/fuzz.ts 1000000 [seed] [name …]` runs many; the tests run some with a fixed seed.
 */
import { posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { namePattern } from '@slipway/protocol/name-pattern';
import { JunitReader, type TestCase } from '../junit.ts';
import { Refused } from '../messages.ts';
import { faultOfPath } from '../names.ts';
import { BrokenTar, END_OF_ARCHIVE, type Entry, headerOf, paddingOf, TarReader } from '../tar.ts';
import { Inspection, plain } from '../unpack.ts';

/** Mulberry32: small, and the same everywhere. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  of<T>(items: ArrayLike<T>): T {
    return items[this.below(items.length)] as T;
  }

  some<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.below(most + 1) }, make);
  }
}

function check(holds: boolean, what: string, input: unknown): void {
  if (!holds) throw new Error(`${what}: ${JSON.stringify(input)}`);
}

const NAME_PARTS = [
  'a',
  'b',
  '..',
  '.',
  '',
  '/',
  '//',
  'a/b',
  '@',
  ':',
  '\\',
  '*',
  '\0',
  '\n',
  '\xff',
  '\xc3\xa9',
  '-x',
  'n'.repeat(150),
  'link',
  'd/',
];
const LINK_PARTS = ['..', '../', 'a', 'b', '/', 'link', '.', 'd/', ''];

function someEntry(random: Random): { entry: Entry; content: Buffer } {
  const kind = random.of(['file', 'file', 'folder', 'link', 'hard link'] as const);
  const path = random.some(4, () => random.of(NAME_PARTS)).join(random.of(['', '/']));
  const target = kind === 'link' || kind === 'hard link' ? random.some(4, () => random.of(LINK_PARTS)).join('') : '';
  const content = Buffer.alloc(kind === 'file' ? random.below(700) : 0, 'x');
  return { entry: { kind, path, target, size: content.length, mode: random.below(0o1000), mtime: random.below(2 ** 31) }, content };
}

const archiveOf = (entries: readonly { entry: Entry; content: Buffer }[]): Buffer =>
  Buffer.concat([
    ...entries.flatMap(({ entry, content }) => [headerOf(entry), content, Buffer.alloc(paddingOf(content.length))]),
    END_OF_ARCHIVE,
  ]);

function readAll(bytes: Buffer, random: Random, onEntry: (entry: Entry) => void): number {
  let content = 0;
  const reader = new TarReader({
    entry: onEntry,
    content: (part) => {
      content += part.length;
    },
  });
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + random.below(1_500);
    reader.write(bytes.subarray(at, end));
    at = end;
  }
  reader.end();
  return content;
}

/** Whatever names may be in an archive come out of it as they went in. */
export function tarRoundTrip(random: Random): void {
  const entries = random
    .some(4, () => someEntry(random))
    .filter(({ entry }) => faultOfPath(entry.path) === null && !entry.target.includes('\0'));
  const read: Entry[] = [];
  const content = readAll(archiveOf(entries), random, (entry) => read.push(entry));
  const made = entries.map(({ entry }) => entry);
  const asMade = read.map((entry) => ({ ...entry, path: plain(entry.path) }));
  check(JSON.stringify(asMade) === JSON.stringify(made), 'an archive came out other than it went in', { made, read });
  check(content === made.reduce((sum, { size }) => sum + size, 0), 'content was lost', made);
}

/** What is accepted stays in its folder, also through links; all else is refused in an orderly way. */
export function hostileTar(random: Random): void {
  const bytes = mutated(archiveOf(random.some(5, () => someEntry(random))), random);
  const accepted = new Map<string, Entry>();
  const inspection = new Inspection({ entries: 10, bytes: 5_000 });
  try {
    readAll(bytes, random, (raw) => {
      const entry = { ...raw, path: plain(raw.path), target: raw.kind === 'hard link' ? plain(raw.target) : raw.target };
      inspection.entry(entry);
      if (entry.path !== '') accepted.set(entry.path, entry);
    });
  } catch (error) {
    if (error instanceof BrokenTar || error instanceof Refused) return;
    throw error;
  }
  for (const { path } of accepted.values()) {
    const end = placeOf(`/root/${path}`, accepted, 0);
    check(end === null || end === '/root' || end.startsWith('/root/'), 'an accepted path leaves its folder', { path, end });
  }
}

/** Where a path leads when links are followed, as the kernel does; null: nowhere. */
function placeOf(path: string, entries: ReadonlyMap<string, Entry>, followed: number): string | null {
  let place = '/';
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  for (const [i, part] of parts.entries()) {
    place = posix.join(place, part);
    const entry = entries.get(place.replace('/root/', ''));
    if (entry?.kind !== 'link' || !place.startsWith('/root/')) continue;
    if (followed > 40) return null;
    const rest = parts.slice(i + 1).join('/');
    const target = entry.target.startsWith('/') ? entry.target : `${posix.dirname(place)}/${entry.target}`;
    return placeOf(`${target}/${rest}`, entries, followed + 1);
  }
  return place;
}

function mutated(bytes: Buffer, random: Random): Buffer {
  const changed = Buffer.from(bytes);
  for (let n = random.below(4); n > 0; n--) {
    const block = random.below(changed.length / 512) * 512;
    const at = block + random.of([0, 1, 100, 124, 135, 156, 157, 257, 345, random.below(512)]);
    if (at < changed.length)
      changed[at] = random.of([0, 0x2f, 0x2e, 0x30, 0x31, 0x32, 0x35, 0x37, 0x78, 0x67, 0x4c, 0x4b, 0x53, 0x80, 0xff, random.below(256)]);
    if (random.below(4) > 0) mendChecksum(changed.subarray(block, block + 512));
  }
  return random.below(10) === 0 ? changed.subarray(0, random.below(changed.length)) : changed;
}

function mendChecksum(header: Buffer): void {
  if (header.length < 512) return;
  header.write('        ', 148, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}

const PATTERN_PARTS = [
  'a',
  'b',
  '/',
  '*',
  '**',
  '**/',
  '?',
  '[',
  ']',
  '[a-b]',
  '[!a]',
  '{',
  '}',
  ',',
  '{a,b}',
  '\\',
  '!',
  '(a+)+',
  '.',
  '日',
  '😀',
];

/** A pattern that fits a path reaches all folders that it is in; what is written without marks fits itself alone. */
export function patterns(random: Random): void {
  const pattern = random.some(12, () => random.of(PATTERN_PARTS)).join('');
  const name = random.some(8, () => random.of(['a', 'b', '/', 'ab', '.', '日', '😀', '[', '{', ','])).join('');
  const compiled = namePattern(pattern);
  const fits = compiled.matches(name);
  for (let at = name.indexOf('/'); at !== -1; at = name.indexOf('/', at + 1))
    if (fits && at < name.length - 1)
      check(compiled.reaches(name.slice(0, at)), 'a pattern does not reach what it fits', { pattern, name });
  if (!/[*?[\]{}\\]/.test(pattern)) check(fits === (pattern === name), 'a plain pattern means more than itself', { pattern, name });
  const escaped = name.replaceAll(/[*?[\]{}\\,]/g, '\\$&');
  check(namePattern(escaped).matches(name), 'an escaped name does not fit itself', { escaped, name });
}

const XML_PARTS = [
  '<testsuites>',
  '</testsuites>',
  '<testsuite name="s" errors="1">',
  '</testsuite>',
  '<testcase name="a" time="0,5"/>',
  '<testcase classname="c" name="b">',
  '</testcase>',
  '<failure message="m">',
  '</failure>',
  '<error>',
  '</error>',
  '<skipped/>',
  '<system-out>',
  '</system-out>',
  '<![CDATA[',
  ']]>',
  '&lt;',
  '&#65;',
  '&#x1F600;',
  '&nope;',
  '&',
  '<',
  '>',
  '"',
  "'",
  '<!--',
  '-->',
  '<!DOCTYPE x [<!ENTITY a "b">]>',
  '<?xml version="1.0"?>',
  '<?pi ',
  '?>',
  '\n',
  '\u0000',
  '\u001b',
  'text',
  ' = ',
  '😀',
  '/',
  'x'.repeat(2_000),
  '<a b="c" b="d">',
  '<:/>',
  '<a:b xmlns:a="u">',
];

/** However a report is cut into pieces, it reads the same; nothing in it makes the reader throw, or say more than it may. */
export function reports(random: Random): void {
  const xml = random.some(3, () => '<testsuite name="s">').join('') + random.some(25, () => random.of(XML_PARTS)).join('');
  const whole = readReport(xml, () => 4 * xml.length || 1);
  const pieces = readReport(xml, () => 1 + random.below(20));
  check(JSON.stringify(whole) === JSON.stringify(pieces), 'a report reads otherwise in pieces', { xml, whole, pieces });
  for (const { suite, name, message, output } of whole.cases) {
    check(Math.max(suite.length, name.length) <= 2_000, 'a name is too long', xml);
    check((message?.length ?? 0) <= 8_000 && Buffer.byteLength(output ?? '') <= 65_536, 'a text is too long', xml);
  }
}

function readReport(xml: string, pieceLength: () => number) {
  const cases: TestCase[] = [];
  const reader = new JunitReader((each) => cases.push(each));
  const [bytes, decoder] = [Buffer.from(xml), new TextDecoder()];
  for (let at = 0; at < bytes.length; ) {
    const end = at + pieceLength();
    if (!reader.write(decoder.decode(bytes.subarray(at, end), { stream: true }))) break;
    at = end;
  }
  return { cases, isFaulty: reader.end() !== null };
}

export const FUZZED: Record<string, (random: Random) => void> = { tarRoundTrip, hostileTar, patterns, reports };

/** @throws Error naming the round that failed, which its seed makes again */
export function fuzz(name: string, rounds: number, seed: number): { slowestMs: number } {
  let slowestMs = 0;
  for (let round = 0; round < rounds; round++) {
    const start = process.cpuUsage();
    try {
      FUZZED[name]?.(new Random(seed + round));
    } catch (error) {
      throw new Error(`${name}, seed ${seed + round}: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
    slowestMs = Math.max(slowestMs, process.cpuUsage(start).user / 1_000);
  }
  return { slowestMs };
}

function main([rounds = '1000000', seed = '1', ...names]: string[]): void {
  Error.stackTraceLimit = 0; // as the program that reads reports has it: there may be many faults
  for (const name of names.length > 0 ? names : Object.keys(FUZZED)) {
    const startedAt = performance.now();
    const { slowestMs } = fuzz(name, Number(rounds), Number(seed));
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    const memory = (process.resourceUsage().maxRSS / 1024).toFixed(0);
    process.stdout.write(`${name}: ${rounds} inputs in ${seconds} s, the slowest ${slowestMs.toFixed(0)} ms, ${memory} MiB at most\n`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main(process.argv.slice(2));
