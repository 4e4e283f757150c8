import { encodeLogChunk, type LogChunk, type LogMark, MalformedLogChunk, type RawLogChunk, readLogChunk } from '@slipway/protocol';
import { LogWindow, UnfitLogChunk } from '../../build/logs/log-window.js';
import type { Target } from './fuzz.js';
import { randomNumbers } from './mutations.js';

type Below = (limit: number) => number;
const oneOf = <T>(all: readonly T[], below: Below): T => all[below(all.length)] as T;

const LINES = ['', 'a', 'ünï', '🚢', '\r', '\0', '\u001b[31m', 'x'.repeat(300)];
const BYTES = [0, 1, 0x0a, 0x22, 0x39, 0x5b, 0x7f, 0x80, 0xff];
const HEADER_BYTES = 24;
const LIMITS = { maxLines: 1_000, maxBytes: 1_000_000 };
/** Of what the log of the server says of a chunk that it drops. */
const MAX_MESSAGE = 500;

function someChunk(below: Below): LogChunk {
  const lines = Array.from({ length: below(7) }, () => oneOf(LINES, below));
  return {
    n: below(3),
    firstLine: below(3),
    startsInsideLine: below(4) === 0,
    endsInsideLine: below(4) === 0,
    last: below(8) === 0,
    times: lines.map((_, i) => 1_000 + i),
    text: lines.join('\n'),
    marks: Array.from({ length: below(4) }, () => someMark(below)),
  };
}

function someMark(below: Below): LogMark {
  const line = below(9);
  return oneOf<LogMark>(
    [
      { kind: 'notice', line },
      { kind: 'step', line, index: below(3), name: oneOf(LINES, below) },
      { kind: 'step_end', line, index: below(3), exitCode: null, durationMs: 1.5 },
    ],
    below,
  );
}

/** As somebody sends it who has the key of an attempt. */
function changed(bytes: Uint8Array, below: Below): Buffer {
  const all = Buffer.from(bytes);
  for (let changes = below(4); changes > 0; changes--) {
    const at = below(2) === 0 ? below(HEADER_BYTES) : below(all.length);
    all[at] = below(2) === 0 ? oneOf(BYTES, below) : below(256);
  }
  if (below(8) === 0) return all.subarray(0, below(all.length));
  return below(8) === 0 ? Buffer.concat([all, Buffer.alloc(below(2_000), oneOf(BYTES, below))]) : all;
}

/** @returns null when it throws an error of this kind, which says a little */
function unless<T>(kind: new (why: string) => Error, read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof kind && error.message.length <= MAX_MESSAGE) return null;
    throw error;
  }
}

function show(chunk: RawLogChunk): void {
  const window = new LogWindow({ chunk: chunk.n, line: chunk.firstLine });
  const start = window.end;
  if (unless(UnfitLogChunk, () => window.append(chunk, 1)) === null) return;
  const shown = window.read(start, LIMITS);
  if (window.nextChunk !== chunk.n + 1 || !shown) throw new Error('A chunk is taken and not shown.');
  if (shown.lineCount > chunk.times.length || window.lines > chunk.firstLine + chunk.times.length)
    throw new Error('A chunk makes more lines than it has.');
}

/** What agents send of a log, from its bytes to what a viewer is shown. One character an input's byte. */
export const logChunks: Target = {
  name: 'log chunks',
  *inputs(seed) {
    const random = randomNumbers(seed);
    const below: Below = (limit) => Math.floor(random() * limit);
    for (;;) yield changed(encodeLogChunk(someChunk(below)), below).toString('latin1');
  },
  read(input) {
    const bytes = Buffer.from(input, 'latin1');
    const chunk = unless(MalformedLogChunk, () => readLogChunk(bytes));
    if (!chunk) return;
    if (chunk.times.length * 4 + chunk.text.length > bytes.length) throw new Error('A chunk holds more than its bytes.');
    const again = readLogChunk(encodeLogChunk(chunk));
    if (!Buffer.from(again.text).equals(chunk.text) || again.times.length !== chunk.times.length || again.n !== chunk.n)
      throw new Error('A chunk comes out other than it went in.');
    show(chunk);
  },
};
