/**
 * Matches names of branches, tags and paths against patterns: `*` matches any text without a slash, `**` any text, `?` one character, `[a-z]`
 * one of several characters, `{a,b}` one of several texts; `\` makes the next character literal. Brackets also match as they are written,
 * because folders such as `app/[slug]` exist. Patterns and names come from anybody who can push, so matching takes at most length × length
 * steps for any of them; a regular expression with many stars would take for ever.
 */
export type NameMatcher = (name: string) => boolean;

export type NamePattern = {
  matches: NameMatcher;
  /** Whether anything in this folder, however deep, could match. */
  reaches(folder: string): boolean;
};

/** Git hooks run as separate programs and import this module from here. */
export const NAME_PATTERN_MODULE: string = import.meta.url;

/** Braces nested deeper than this are literal. */
const MAX_NESTED = 10;

type Token =
  | { kind: 'one'; fits: (character: string) => boolean }
  /** Any number of characters that `within` allows. */
  | { kind: 'many'; within: 'segment' | 'all' }
  /** Two stars and a slash: any number of whole folders, including none. */
  | { kind: 'folders' }
  | { kind: 'either'; ways: Token[][] };

/** Where one may be in a pattern. `free` are the states that it is in at the same time, having read no more. */
type State = { reads: (character: string) => readonly number[]; free: readonly number[] };

/** Later patterns win; one beginning with `!` takes a name out again. */
export function matchesAny(name: string, patterns: readonly string[]): boolean {
  return anyOf(patterns)(name);
}

/** The same for many names. */
export function anyOf(patterns: readonly string[]): NameMatcher {
  const matchers = patterns.map((pattern) => {
    const takesOut = pattern.startsWith('!');
    return { takesOut, matches: namePattern(takesOut ? pattern.slice(1) : pattern).matches };
  });
  return (name) => {
    const last = matchers.findLast(({ matches }) => matches(name));
    return last !== undefined && !last.takesOut;
  };
}

export function namePattern(pattern: string): NamePattern {
  const states: State[] = [{ reads: () => NOWHERE, free: NOWHERE }];
  const start = statesFor(tokensOf([...pattern], 0), END, states);
  return {
    matches: (name) => statesAfter(name, states, start).includes(END),
    reaches: (folder) => statesAfter(`${folder}/`, states, start).length > 0,
  };
}

const END = 0;
const NOWHERE: readonly number[] = [];

/** Follows all ways through the pattern at once. */
function statesAfter(name: string, states: readonly State[], start: number): readonly number[] {
  /** For each state, the number of characters after which it was entered last. */
  const seenAt = new Int32Array(states.length).fill(-1);
  let read = 0;
  let at = withFree([start], states, seenAt, read);
  for (const character of name) {
    if (at.length === 0) return at;
    read++;
    const next: number[] = [];
    for (const state of at) next.push(...(states[state]?.reads(character) ?? NOWHERE));
    at = withFree(next, states, seenAt, read);
  }
  return at;
}

function withFree(entered: number[], states: readonly State[], seenAt: Int32Array, read: number): number[] {
  const all: number[] = [];
  for (let state = entered.pop(); state !== undefined; state = entered.pop()) {
    if (seenAt[state] === read) continue;
    seenAt[state] = read;
    all.push(state);
    entered.push(...(states[state]?.free ?? NOWHERE));
  }
  return all;
}

/** Adds states that read the tokens and then go on at `next`. @returns the first of them */
function statesFor(tokens: readonly Token[], next: number, states: State[]): number {
  return tokens.reduceRight((after, token) => stateFor(token, after, states), next);
}

function stateFor(token: Token, next: number, states: State[]): number {
  const add = (reads: State['reads'], free: readonly number[] = NOWHERE): number => states.push({ reads, free }) - 1;
  const self = [states.length];
  switch (token.kind) {
    case 'one': {
      const { fits } = token;
      const forward = [next];
      return add((character) => (fits(character) ? forward : NOWHERE));
    }
    case 'many': {
      const { within } = token;
      return add((character) => (within === 'all' || character !== '/' ? self : NOWHERE), [next]);
    }
    case 'folders': {
      // Inside a folder's name only the slash at its end lets one go on.
      const onward = [...self, next];
      const inside = add((character) => (character === '/' ? onward : self));
      return add(() => NOWHERE, [inside, next]);
    }
    case 'either': {
      const ways = token.ways.map((way) => statesFor(way, next, states));
      return add(() => NOWHERE, ways);
    }
  }
}

function tokensOf(characters: readonly string[], nested: number): Token[] {
  const tokens: Token[] = [];
  const lastBracket = characters.lastIndexOf(']');
  const braces = nested < MAX_NESTED ? bracesIn(characters) : new Map<number, never>();
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i] ?? '';
    if (character === '*') {
      const begin = i;
      while (characters[i + 1] === '*') i++;
      const isFolders = i > begin && characters[i + 1] === '/' && (begin === 0 || characters[begin - 1] === '/');
      if (isFolders) i++;
      tokens.push(isFolders ? { kind: 'folders' } : { kind: 'many', within: i > begin ? 'all' : 'segment' });
    } else if (character === '?') tokens.push({ kind: 'one', fits: (other) => other !== '/' });
    else if (character === '[' && lastBracket >= i + 2) {
      const end = characters.indexOf(']', i + 2);
      const inside = characters.slice(i + 1, end);
      tokens.push({ kind: 'either', ways: [[{ kind: 'one', fits: oneOf(inside) }], ['[', ...inside, ']'].map(exactly)] });
      i = end;
    } else {
      const found = braces.get(i);
      if (found) {
        const edges = [i, ...found.commas, found.end];
        const texts = edges.slice(1).map((end, n) => characters.slice((edges[n] ?? 0) + 1, end));
        tokens.push({ kind: 'either', ways: texts.map((text) => tokensOf(text, nested + 1)) });
        i = found.end;
      } else tokens.push(exactly(character === '\\' ? (characters[++i] ?? '\\') : character));
    }
  }
  return tokens;
}

const exactly = (character: string): Token => ({ kind: 'one', fits: (other) => other === character });

/** Where braces that hold a comma end, and where their commas are, by where they begin. Any others stand for themselves. */
function bracesIn(characters: readonly string[]): Map<number, { end: number; commas: number[] }> {
  const found = new Map<number, { end: number; commas: number[] }>();
  const open: { begin: number; commas: number[] }[] = [];
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i];
    if (character === '\\') i++;
    else if (character === '{') open.push({ begin: i, commas: [] });
    else if (character === ',') open.at(-1)?.commas.push(i);
    else if (character === '}') {
      const { begin, commas } = open.pop() ?? { begin: -1, commas: [] };
      if (commas.length > 0) found.set(begin, { end: i, commas });
    }
  }
  return found;
}

/** What stands between brackets: characters, ranges as a-z, and all others when `!` or `^` goes first. */
function oneOf(inside: readonly string[]): (character: string) => boolean {
  const others = inside[0] === '!' || inside[0] === '^';
  const listed = others ? inside.slice(1) : inside;
  const ranges: [string, string][] = [];
  for (let i = 0; i < listed.length; i++) {
    const from = listed[i] ?? '';
    const to = listed[i + 1] === '-' ? listed[i + 2] : undefined;
    ranges.push([from, to ?? from]);
    if (to !== undefined) i += 2;
  }
  return (character) => character !== '/' && ranges.some(([from, to]) => from <= character && character <= to) !== others;
}
