import { shorten } from '@slipway/protocol';
import { isAlias, isMap, isScalar, LineCounter, type Node, type Pair, parseDocument, visit, type YAMLMap } from 'yaml';
import type { PipelineProblem } from './pipeline.js';

/** Parsing costs up to 4 ms a KiB. */
export const MAX_PIPELINE_BYTES = 256 * 1024;
/** Times that aliases may be resolved, all together: enough for a shared step or two, too few to explode. */
const MAX_ALIASES = 100;
/** Each nesting level costs the parser stack and time; no pipeline needs a tenth of it. */
const MAX_FLOW_DEPTH = 50;
const DEEP_BLOCK = new RegExp(`^ *(?:[-?:][ \\t]+){${MAX_FLOW_DEPTH}}`, 'm');

export type Path = readonly (string | number)[];
export type Place = { line: number | null; column: number | null };

/** A YAML text as a plain value, and where in the text each part of it stands. */
export type YamlSource = {
  value: unknown;
  /** The value at `path`, or the nearest thing around it. */
  locate(path: Path): Place;
  /** The key `key` of the map at `path`. */
  locateKey(path: Path, key: string): Place;
};

/** @returns problems, each with its place, when the text is no single YAML document */
export function readYaml(file: string, text: string): { source: YamlSource } | { problems: Iterable<PipelineProblem> } {
  const problem = (place: Place, message: string, remedy: string) => ({ problems: [{ file, ...place, message, remedy }] });
  if (nestsTooDeep(text))
    return problem(
      NOWHERE,
      `The file nests lists or maps more than ${MAX_FLOW_DEPTH} deep.`,
      'Write them flatter; no pipeline needs this.',
    );
  const lines = new LineCounter();
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  // The parser's own search for keys that stand twice compares each key with each.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true, strict: true, uniqueKeys: false });
  if (document.errors.length > 0) {
    const faults = document.errors.values().map((error) => ({
      file,
      ...placeOf(error.pos[0]),
      message: `This is not valid YAML: ${error.message.split('\n')[0]}`,
      remedy: REMEDIES[error.code] ?? 'Mend the line; look at indentation, quotes and colons first.',
    }));
    return { problems: faults };
  }
  const twice = firstKeyTwice(document.contents);
  if (twice) {
    const { key, again } = twice;
    return problem(
      placeOfKey(again, placeOf),
      `The key "${shorten(key, 80)}" stands here for the second time.`,
      'Keep one of the two, or rename one.',
    );
  }
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return {
      source: {
        value,
        locate: (path) => locate(document.contents, path, placeOf),
        locateKey: (path, key) => locateKey(document.contents, path, key, placeOf),
      },
    };
  } catch (error) {
    return problem(
      NOWHERE,
      `The aliases of the file can't be resolved: ${(error as Error).message}.`,
      `Use anchors and aliases less: at most ${MAX_ALIASES} in all.`,
    );
  }
}

const NOWHERE: Place = { line: null, column: null };

const REMEDIES: Record<string, string> = {
  TAB_AS_INDENT: 'Indent with blanks; YAML allows no tabs there.',
  BAD_INDENT: 'Indent what belongs together by the same number of blanks.',
  MULTIPLE_DOCS: 'Remove the line "---" and what belongs to the other document.',
  MISSING_CHAR: 'Close the quote or the bracket that was opened.',
};

/** A glance before parsing: brackets in texts count too, which costs nobody fifty of them in a row. */
function nestsTooDeep(text: string): boolean {
  if (DEEP_BLOCK.test(text)) return true;
  let depth = 0;
  for (const character of text) {
    if (character === '\n' && depth < 0) depth = 0;
    if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth--;
    if (depth > MAX_FLOW_DEPTH) return true;
  }
  return false;
}

function firstKeyTwice(root: Node | null): { key: string; again: Pair } | null {
  let found: { key: string; again: Pair } | null = null;
  visit(root, {
    Map(_, map: YAMLMap) {
      const seen = new Set<string>();
      for (const pair of map.items) {
        const key = keyOf(pair);
        // Several merges are one each.
        if (key === null || key === '<<') continue;
        if (seen.has(key)) {
          found = { key, again: pair };
          return visit.BREAK;
        }
        seen.add(key);
      }
      return undefined;
    },
  });
  return found;
}

type PlaceOf = (offset: number) => Place;

function locate(root: Node | null, path: Path, placeOf: PlaceOf): Place {
  const { node, pair } = walk(root, path);
  const target = isScalar(node) || !pair ? node : (pair.key as Node);
  return target?.range ? placeOf(target.range[0]) : pair ? placeOfKey(pair, placeOf) : { line: 1, column: 1 };
}

function locateKey(root: Node | null, path: Path, key: string, placeOf: PlaceOf): Place {
  const { node } = walk(root, path);
  const pair = isMap(node) ? node.items.find((item) => keyOf(item) === key) : undefined;
  return pair ? placeOfKey(pair, placeOf) : locate(root, path, placeOf);
}

function placeOfKey(pair: Pair, placeOf: PlaceOf): Place {
  const range = (pair.key as Node | null)?.range;
  return range ? placeOf(range[0]) : { line: 1, column: 1 };
}

/** As far along `path` as the text goes; an alias is where it stands, not what it stands for. */
function walk(root: Node | null, path: Path): { node: Node | null; pair: Pair | null } {
  let node = root;
  let pair: Pair | null = null;
  for (const step of path) {
    if (node === null || isAlias(node) || isScalar(node)) break;
    const items = (node as { items?: unknown[] }).items ?? [];
    if (isMap(node)) {
      const found = node.items.find((item) => keyOf(item) === String(step));
      if (!found) break;
      pair = found;
      node = (found.value as Node | null) ?? null;
    } else {
      const found = items[Number(step)];
      if (!found) break;
      pair = null;
      node = found as Node;
    }
  }
  return { node, pair };
}

const keyOf = (pair: Pair): string | null => (isScalar(pair.key) ? String(pair.key.value) : null);
