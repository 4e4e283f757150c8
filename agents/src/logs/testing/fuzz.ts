/**
 * Random output for what makes a log of it. `npm run fuzz:logs -w agents -- 1000000 [seed] [name …]` runs many; the tests run some with a
 * fixed seed.
 */
import { isUtf8 } from 'node:buffer';
import { pathToFileURL } from 'node:url';
import { encodeLogChunk, MAX_CHUNK_BYTES, readLogChunk } from '@slipway/protocol';
import { Random } from '../../workspace-program/testing/fuzz.js';
import { ChunkBuilder } from '../chunk-builder.js';
import { CleanText } from '../clean-text.js';
import { EscapeReader } from '../escape-reader.js';
import { Mask } from '../mask.js';
import { secretForms } from '../secret-forms.js';
import { SecretMatcher } from '../secret-matcher.js';
import { TerminalLines } from '../terminal-lines.js';

function check(holds: boolean, what: string, input: () => unknown): void {
  if (!holds) throw new Error(`${what}: ${JSON.stringify(input())}`);
}

/** The same bytes, cut as a pipe may cut them. */
function cutAtRandom(bytes: Buffer, random: Random): Buffer[] {
  const cuts = random.some(4, () => random.below(bytes.length + 1)).sort((a, b) => a - b);
  return [0, ...cuts].map((from, i) => bytes.subarray(from, cuts[i] ?? bytes.length));
}

const PIECES = [
  'a',
  'b',
  'lorem ',
  'é',
  '€',
  '🚀',
  '\n',
  '\n',
  '\r',
  '\r\n',
  '\x1b[31m',
  '\x1b[0m',
  '\x1b[G',
  '\x1b[K',
  '\x1b',
  '\x1b]0;t\x07',
  '\0',
  '\ufffd',
  'x'.repeat(40),
];
const BROKEN = [Buffer.from([0xff]), Buffer.from([0xe2, 0x82]), Buffer.from([0xf0, 0x9f]), Buffer.from([0x80])];
const somePiece = (random: Random): Buffer => (random.below(20) === 0 ? random.of(BROKEN) : Buffer.from(random.of(PIECES)));

type Op = { kind: 'write'; bytes: Buffer } | { kind: 'mark' } | { kind: 'notice'; text: string };

function someOp(random: Random): Op {
  const kind = random.below(8);
  if (kind === 0) return { kind: 'mark' };
  if (kind === 1) return { kind: 'notice', text: random.of(['', 'said', 'two\nlines']) };
  const repeats = random.below(200) === 0 ? MAX_CHUNK_BYTES / 64 : 1;
  return {
    kind: 'write',
    bytes: Buffer.concat(random.some(12, () => somePiece(random)).flatMap((piece) => Array<Buffer>(repeats).fill(piece))),
  };
}

type Limits = { maxLineBytes: number; maxBytes: number };

/** As an attempt's log does, with chunks given out after some writes, as when nothing is in flight. */
function logOf(ops: readonly Op[], limits: Limits, cuts: Random | null): LogChunkOf[] {
  const chunks: LogChunkOf[] = [];
  const emit = (chunk: Parameters<typeof encodeLogChunk>[0]) => chunks.push(readLogChunk(encodeLogChunk(chunk)));
  const [clean, builder] = [new CleanText(), new ChunkBuilder({ ...limits, emit })];
  const lines = new TerminalLines(builder);
  const flush = () => {
    lines.push(clean.flush(), 1);
    lines.flush(1);
  };
  for (const op of ops) {
    if (op.kind === 'write') {
      for (const part of cuts ? cutAtRandom(op.bytes, cuts) : [op.bytes]) {
        lines.push(clean.push(part), 1);
        if (cuts?.below(3) === 0) builder.cut();
      }
      continue;
    }
    flush();
    if (op.kind === 'mark') builder.mark((line) => ({ kind: 'step', line, index: 0, name: 'x' }), 1);
    else builder.notice(op.text, 1);
    if (cuts?.below(2) === 0) builder.cut();
  }
  flush();
  builder.closeLine(1);
  builder.cut(true);
  return chunks;
}

type LogChunkOf = ReturnType<typeof readLogChunk>;

/** Lines as a reader puts them together; fails where numbers and flags don't fit. */
function linesOf(chunks: readonly LogChunkOf[], of: readonly Op[]): string[] {
  const ops = () => of;
  const lines: string[] = [];
  let open = false;
  for (const [n, { firstLine, startsInsideLine, endsInsideLine, times, text, marks, last, n: number }] of chunks.entries()) {
    check(
      number === n && startsInsideLine === open && firstLine === lines.length - (open ? 1 : 0),
      'a chunk does not fit the one before',
      ops,
    );
    check(last === (n === chunks.length - 1), 'a chunk says wrongly whether it is the last', ops);
    check(isUtf8(text), 'a chunk is cut inside a character', ops);
    check(text.length <= 2 * MAX_CHUNK_BYTES, 'a chunk is too large', ops);
    const pieces = times.length === 0 ? [] : Buffer.from(text).toString().split('\n');
    check(pieces.length === times.length, 'a chunk has more or fewer lines than times', ops);
    check(
      marks.every(({ line }) => line >= firstLine && line <= firstLine + times.length),
      'a mark is of another chunk',
      ops,
    );
    if (open && pieces.length > 0) lines.push(`${lines.pop()}${pieces.shift()}`);
    lines.push(...pieces);
    open = times.length > 0 ? endsInsideLine : open;
  }
  return lines;
}

/** What a reader sees of a line that was written over. */
const shownOf = (line: string): string => line.slice(line.lastIndexOf('\r') + 1);
const marksOf = (chunks: readonly LogChunkOf[]): string => JSON.stringify(chunks.flatMap(({ marks }) => marks));

/** However output is cut into writes and chunks, the log says the same, and each chunk fits the one before. */
export function chunks(random: Random): void {
  const ops = random.some(6, () => someOp(random));
  const limits = { maxLineBytes: random.of([1, 10, 41, 65_536]), maxBytes: 2 ** 30 };
  const [whole, cut] = [logOf(ops, limits, null), logOf(ops, limits, random)];
  const [asWhole, asCut] = [linesOf(whole, ops).map(shownOf), linesOf(cut, ops).map(shownOf)];
  const shown = () => ({ ops, limits, whole: asWhole.slice(0, 20), cut: asCut.slice(0, 20) });
  check(JSON.stringify(asWhole) === JSON.stringify(asCut), 'a log depends on how its output was cut', shown);
  check(marksOf(whole) === marksOf(cut), 'marks depend on how output was cut', shown);
}

/** A log over its limits is cut, says so, and still fits together. */
export function limitedChunks(random: Random): void {
  const ops = random.some(8, () => someOp(random));
  const maxBytes = random.of([0, 1, 20, 200]);
  const made = logOf(ops, { maxLineBytes: random.of([1, 10, 65_536]), maxBytes }, random);
  const lines = linesOf(made, ops);
  const own = lines.filter(
    (line) => /^(said|two|lines|)$/.test(line) || line.startsWith('The log is longer') || line.includes('[line cut'),
  );
  const bytes = Buffer.byteLength(lines.join('\n'));
  check(bytes <= maxBytes * 12 + 2_000 + own.join().length, 'a log is longer than it may be', () => ({ ops, bytes }));
}

/** Secrets that overlap, contain each other and repeat themselves; each with the matcher and all the forms it looks for. */
const MATCHERS = [
  ['abc'],
  ['aba', 'abab'],
  ['aab', 'baa', 'abaab'],
  ['a b\nc'],
  ['ab\ncd\nef', 'cde'],
  ['bé€'],
  ['aaaa', 'aab'],
  ['abcde', 'bcd', 'cdefg'],
  ['a"b<c>'],
  ['  abc '],
].map((secrets) => ({
  matcher: SecretMatcher.of(secrets) as SecretMatcher,
  forms: secrets.flatMap(secretForms),
}));
const SECRET_PIECES = [
  'a',
  'b',
  'c',
  'ab',
  'abc',
  'aab',
  'cd',
  'ef',
  'g',
  'é',
  '€',
  ' ',
  '"',
  '<',
  '>',
  '&lt;',
  '\\"',
  '%20',
  'YWJj',
  '616263',
  'x',
];
const BETWEEN = ['\n', '\r\n', '\x1b[31m', '\x1b[0m', '\x1b]8;;abc\x07', '\x1b(B', '\x1b'];

/** No secret comes out, however it is broken up and coloured, and nothing else is lost. */
export function masks(random: Random): void {
  const { matcher, forms } = random.of(MATCHERS);
  const broken = random.below(3) > 0;
  const text = random.some(24, () => (broken && random.below(4) === 0 ? random.of(BETWEEN) : random.of(SECRET_PIECES))).join('');
  const bytes = Buffer.from(text);
  const whole = maskedIn([bytes], matcher);
  const cut = maskedIn(cutAtRandom(bytes, random), matcher);
  const expected = hiddenByHand(bytes, forms);
  const shown = () => ({ text, whole: whole.toString(), cut: cut.toString(), expected: expected.toString() });
  check(whole.equals(expected), 'a mask hides more or less than the secrets', shown);
  // A line that has ended goes out with the first letters of what may be a secret.
  if (!/[\r\n]/.test(text)) check(cut.equals(expected), 'what is hidden depends on how output was cut', shown);
  for (const out of [cut, visible(cut)]) check(!forms.some((form) => withoutLineEnds(out).includes(form)), 'a secret came out', shown);
}

function maskedIn(writes: readonly Buffer[], matcher: SecretMatcher): Buffer {
  const mask = new Mask(matcher);
  return Buffer.concat([...writes.map((write) => Buffer.from(mask.push(write))), mask.flush()]);
}

const isLineEnd = (byte: number) => byte === 10 || byte === 13;
const withoutLineEnds = (bytes: Buffer): Buffer => Buffer.from(bytes.filter((byte) => !isLineEnd(byte)));

/** Which bytes belong to no escape sequence. */
function visibleBytes(bytes: Buffer): boolean[] {
  const escapes = new EscapeReader();
  return [...bytes].map((byte) => !escapes.takes(byte));
}

function visible(bytes: Buffer): Buffer {
  const keeps = visibleBytes(bytes);
  return Buffer.from(bytes.filter((_, i) => keeps[i]));
}

/** What a mask should do, in the plainest way: each form is looked for at each place, in the text with its escape sequences and in that without. */
function hiddenByHand(bytes: Buffer, forms: readonly Buffer[]): Buffer {
  const isVisible = visibleBytes(bytes);
  const all = [...bytes.keys()].filter((i) => !isLineEnd(bytes[i] as number));
  const spans = [
    ...found(bytes, all, forms),
    ...found(
      bytes,
      all.filter((i) => isVisible[i]),
      forms,
    ).flatMap((span) => besideEscapes(span, isVisible)),
  ];
  return starred(bytes, joined(spans));
}

type Span = { start: number; end: number };

/** @param places of the bytes that are looked at */
function found(bytes: Buffer, places: readonly number[], forms: readonly Buffer[]): Span[] {
  const text = Buffer.from(places.map((i) => bytes[i] as number));
  return forms.flatMap((form) => {
    const spans: Span[] = [];
    for (let at = text.indexOf(form); at !== -1; at = text.indexOf(form, at + 1))
      spans.push({ start: places[at] as number, end: (places[at + form.length - 1] as number) + 1 });
    return spans;
  });
}

function besideEscapes({ start, end }: Span, isVisible: readonly boolean[]): Span[] {
  const spans: Span[] = [];
  for (let i = start; i < end; i++) {
    if (!isVisible[i]) continue;
    const last = spans.at(-1);
    if (last?.end === i) last.end = i + 1;
    else spans.push({ start: i, end: i + 1 });
  }
  return spans;
}

function joined(spans: Span[]): Span[] {
  const rows: Span[] = [];
  for (const span of spans.sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = rows.at(-1);
    if (last && span.start < last.end) last.end = Math.max(last.end, span.end);
    else rows.push({ ...span });
  }
  return rows;
}

function starred(bytes: Buffer, spans: readonly Span[]): Buffer {
  let [out, at] = ['', 0];
  for (const { start, end } of spans) {
    const hidden = bytes
      .toString('latin1', start, end)
      .replaceAll(/[^\r\n]+(?:\r+[^\r\n]+)*/g, (row) => `***${row.replaceAll(/[^\r]/g, '')}`);
    out += bytes.toString('latin1', at, start) + hidden;
    at = end;
  }
  return Buffer.from(out + bytes.toString('latin1', at), 'latin1');
}

export const FUZZED: Record<string, (random: Random) => void> = { chunks, limitedChunks, masks };

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
  for (const name of names.length > 0 ? names : Object.keys(FUZZED)) {
    const startedAt = performance.now();
    const { slowestMs } = fuzz(name, Number(rounds), Number(seed));
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    process.stdout.write(`${name}: ${rounds} inputs from seed ${seed} in ${seconds} s, the slowest ${slowestMs.toFixed(1)} ms\n`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main(process.argv.slice(2));
