import {
  type Document,
  type DocumentOptions,
  isAlias,
  isMap,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  type Pair,
  type ParseOptions,
  parseDocument,
  type SchemaOptions,
} from 'yaml';
import type { PipelineProblem } from './pipeline.js';
import { tooDeepAt } from './yaml-depth.js';
import { explainFault } from './yaml-remedies.js';
import { MAX_DEPTH, UnusableYaml, yamlValue } from './yaml-value.js';

/** Parsing costs up to 4 ms a KiB. */
export const MAX_PIPELINE_BYTES = 256 * 1024;
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

/** @returns problems, each with its place, when the text is not a single YAML document that can be used */
export function readYaml(file: string, text: string): { source: YamlSource } | { problems: Iterable<PipelineProblem> } {
  const lines = new LineCounter();
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  if (text.includes('\r') && !text.includes('\n')) return { problems: [{ file, line: null, column: null, ...OLD_LINE_ENDS }] };
  const deepAt = tooDeepAt(text);
  if (deepAt !== null) {
    const before = text.slice(0, deepAt).split('\n');
    const place = { line: before.length, column: (before.at(-1) ?? '').length + 1 };
    return { problems: [{ file, ...place, message: `Lists or maps are nested more than ${MAX_DEPTH} deep here.`, remedy: FLATTER }] };
  }
  // Every scalar is the text that is written. The parser's own search for keys that stand twice compares each with each.
  const options = { schema: 'failsafe', lineCounter: lines, prettyErrors: false, strict: true, uniqueKeys: false } as const;
  const document = parsed(text, options);
  if (!document) return { problems: [{ file, line: null, column: null, message: 'Lists or maps are nested too deep.', remedy: FLATTER }] };
  if (document.errors.length > 0) {
    const faults = document.errors.values().map((error) => {
      const place = placeOf(error.pos[0]);
      return { file, ...place, ...explainFault(error, lineAt(text, error.pos[0])) };
    });
    return { problems: faults };
  }
  try {
    return {
      source: {
        value: yamlValue(document.contents),
        locate: (path) => locate(document.contents, path, placeOf),
        locateKey: (path, key) => locateKey(document.contents, path, key, placeOf),
      },
    };
  } catch (error) {
    if (!(error instanceof UnusableYaml)) throw error;
    const { at, message, remedy } = error;
    const place = isPair(at) ? placeOfKey(at, placeOf) : placeOf(at.range?.[0] ?? 0);
    return { problems: [{ file, ...place, message, remedy }] };
  }
}

const OLD_LINE_ENDS = {
  message: 'The lines end with a carriage return alone (CR), which ends no line of YAML.',
  remedy: 'Save the file with the line ends LF or CRLF.',
};
const FLATTER = 'Flatten them; no pipeline needs this.';

/** null: the parser's stack was not enough, as for a bracket that is never closed and a thousand colons after it. */
function parsed(text: string, options: ParseOptions & DocumentOptions & SchemaOptions): Document.Parsed | null {
  try {
    return parseDocument(text, options);
  } catch (error) {
    if (error instanceof RangeError && error.message.includes('call stack')) return null;
    throw error;
  }
}

function lineAt(text: string, offset: number): string {
  const end = text.indexOf('\n', offset);
  return text.slice(text.lastIndexOf('\n', offset - 1) + 1, end === -1 ? undefined : end);
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
