/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export type Mutating = {
  examples: readonly string[];
  /** Pieces that mean something to the reader. */
  pieces: readonly string[];
  seed: number;
};

const MOST_CHANGES = 6;
const MAX_CHARACTERS = 64 * 1024;

/** Texts without end, each an example with a few changes: what a person mistypes, and what somebody hostile puts together. */
export function* mutations({ examples, pieces, seed }: Mutating): Generator<string, never> {
  const random = randomNumbers(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const oneOf = <T>(all: readonly T[]): T => all[below(all.length)] as T;
  const anyPart = (text: string): [number, number] => {
    const start = below(text.length + 1);
    return [start, Math.min(text.length, start + below(random() < 0.8 ? 12 : text.length + 1))];
  };
  const changes: ((text: string) => string)[] = [
    (text) => insert(text, below(text.length + 1), oneOf(pieces)),
    (text) => insert(text, below(text.length + 1), oneOf(pieces).repeat(1 + below(random() < 0.9 ? 4 : 2_000))),
    (text) => insert(text, below(text.length + 1), String.fromCharCode(below(random() < 0.7 ? 0x80 : 0x10000))),
    (text) => cut(text, ...anyPart(text)),
    (text) => insert(text, below(text.length + 1), text.slice(...anyPart(text))),
    (text) => insert(text, below(text.length + 1), oneOf(examples).slice(...anyPart(oneOf(examples)))),
    (text) => overLines(text, (lines) => lines.splice(below(lines.length), 1)),
    (text) => overLines(text, (lines) => lines.splice(below(lines.length), 0, oneOf(lines))),
    (text) => overLines(text, (lines) => lines.push(...lines.splice(below(lines.length), 1 + below(5)))),
    (text) => overLines(text, (lines) => lines.splice(below(lines.length), 1, `${' '.repeat(below(8))}${oneOf(lines).trimStart()}`)),
  ];
  for (;;) {
    let text = oneOf(examples);
    for (let left = below(MOST_CHANGES) + 1; left > 0; left--) text = oneOf(changes)(text);
    yield text.slice(0, MAX_CHARACTERS);
  }
}

const insert = (text: string, at: number, piece: string): string => text.slice(0, at) + piece + text.slice(at);
const cut = (text: string, start: number, end: number): string => text.slice(0, start) + text.slice(end);

function overLines(text: string, change: (lines: string[]) => unknown): string {
  const lines = text.split('\n');
  change(lines);
  return lines.join('\n');
}
