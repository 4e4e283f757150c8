/**
 * Patterns of branches, tags and paths: `*` stays within a slash, `**` does not, `?` is one character, `[a-z]` one of several, `\` takes
 * the meaning from what follows. Patterns come from whoever can push, and names do too: matching takes at most
 * length × length steps, whatever they are, where a regular expression of many stars would take for ever.
 */
export type NameMatcher = (name: string) => boolean;

/** Where hooks of Git, which are programs of their own, import this from. */
export const NAME_PATTERN_MODULE: string = import.meta.url;

type Token =
  | { kind: 'one'; fits: (character: string) => boolean }
  /** Any number of characters that `within` allows. */
  | { kind: 'many'; within: 'segment' | 'all' }
  /** Two stars and a slash: whole folders, none too. */
  | { kind: 'folders' };

/** Later patterns win; one beginning with `!` takes a name out again. */
export function matchesAny(name: string, patterns: readonly string[]): boolean {
  return anyOf(patterns)(name);
}

/** The same for many names. */
export function anyOf(patterns: readonly string[]): NameMatcher {
  const matchers = patterns.map((pattern) =>
    pattern.startsWith('!') ? { takesOut: true, matches: matcherOf(pattern.slice(1)) } : { takesOut: false, matches: matcherOf(pattern) },
  );
  return (name) => {
    const last = matchers.findLast(({ matches }) => matches(name));
    return last !== undefined && !last.takesOut;
  };
}

/** Follows all ways through the pattern at once: `at[i]` says whether what has been read may be followed by token i. */
function matcherOf(pattern: string): NameMatcher {
  const tokens = tokensOf(pattern);
  return (name) => {
    let at = passOver(tokens, new Set([0]));
    /** `folders` that stand inside a folder's name; only the slash at its end lets them go on. */
    let inside = new Set<number>();
    for (const character of name) {
      if (at.size === 0 && inside.size === 0) return false;
      const next = new Set<number>();
      const nextInside = new Set<number>();
      for (const i of at) step(tokens, i, character, next, nextInside);
      for (const i of inside) enterFolder(i, character, next, nextInside);
      at = passOver(tokens, next);
      inside = nextInside;
    }
    return at.has(tokens.length);
  };
}

function step(tokens: readonly Token[], i: number, character: string, next: Set<number>, inside: Set<number>): void {
  const token = tokens[i];
  if (token?.kind === 'one' && token.fits(character)) next.add(i + 1);
  else if (token?.kind === 'many' && (token.within === 'all' || character !== '/')) next.add(i);
  else if (token?.kind === 'folders') enterFolder(i, character, next, inside);
}

function enterFolder(i: number, character: string, next: Set<number>, inside: Set<number>): void {
  inside.add(i);
  if (character === '/') next.add(i + 1);
}

/** Stars and folders may stand for nothing. */
function passOver(tokens: readonly Token[], at: Set<number>): Set<number> {
  // A Set is walked in the order of insertion, what is added on the way included.
  for (const i of at) if (tokens[i] && tokens[i].kind !== 'one') at.add(i + 1);
  return at;
}

function tokensOf(pattern: string): Token[] {
  const characters = [...pattern];
  const tokens: Token[] = [];
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i] ?? '';
    if (character === '*') {
      const begin = i;
      while (characters[i + 1] === '*') i++;
      const isFolders = i > begin && characters[i + 1] === '/' && (begin === 0 || characters[begin - 1] === '/');
      if (isFolders) i++;
      tokens.push(isFolders ? { kind: 'folders' } : { kind: 'many', within: i > begin ? 'all' : 'segment' });
    } else if (character === '?') tokens.push({ kind: 'one', fits: (other) => other !== '/' });
    else if (character === '[' && characters.indexOf(']', i + 2) > 0) {
      const end = characters.indexOf(']', i + 2);
      tokens.push({ kind: 'one', fits: oneOf(characters.slice(i + 1, end)) });
      i = end;
    } else {
      const literal = character === '\\' ? (characters[++i] ?? '\\') : character;
      tokens.push({ kind: 'one', fits: (other) => other === literal });
    }
  }
  return tokens;
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
