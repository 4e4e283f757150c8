import { shorten } from '@slipway/protocol';
import { type Alias, isAlias, isMap, isPair, isScalar, isSeq, type Node, type Pair, type Scalar, visit, type YAMLMap } from 'yaml';
import { isStorableText } from '../../platform/storable.js';

export const MAX_DEPTH = 50;
/** Values of the file with aliases filled in; a file without any can't have many more. */
const MAX_VALUES = 100_000;
/** The same of their characters, which the largest file has sixteen times less of. */
const MAX_CHARACTERS = 4 * 1024 * 1024;
const MERGE = '<<';

/** What can't be used, where it stands, and what to do. */
export class UnusableYaml extends Error {
  constructor(
    readonly at: Node | Pair,
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}

/** Tags that say what a text looks like anyway, or what a list or a map is. `!` alone says nothing. */
const IDLE_TAGS: ReadonlySet<string> = new Set([
  '!',
  ...['str', 'int', 'float', 'bool', 'null', 'timestamp', 'map', 'seq', 'merge'].map((name) => `tag:yaml.org,2002:${name}`),
]);

/**
 * A YAML document as lists, maps and texts. Texts are as they are written: `1.10`, `010`, `yes` and `2026-01-01` mean what they look like
 * to whoever expects a text, and those few who expect a number read it themselves. What has no text at all is null. Aliases are filled in, and
 * merged maps too (`<<`). Takes time with what comes out, which is bounded.
 *
 * @throws UnusableYaml
 */
export function yamlValue(root: Node | null): unknown {
  return root === null ? null : new Filling(targetsOf(root)).valueOf(root, 0);
}

/** An alias stands for the nearest anchor of its name before it. */
function targetsOf(root: Node): Map<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(root, {
    Node(_, node) {
      if (isAlias(node)) {
        const target = anchors.get(node.source);
        if (!target)
          throw new UnusableYaml(
            node,
            `There is no anchor "&${shorten(node.source, 80, '…')}" before this alias.`,
            'Define the anchor above, or correct the name. A text that begins with "*", such as a pattern, needs quotes.',
          );
        targets.set(node, target);
      } else if (node.anchor) anchors.set(node.anchor, node);
    },
  });
  return targets;
}

class Filling {
  private values = 0;
  private characters = 0;
  /** Being filled in: an alias that leads back here would never end. */
  private readonly open = new Set<Node>();

  constructor(private readonly targets: Map<Alias, Node>) {}

  valueOf(node: Node, depth: number): unknown {
    if (depth > MAX_DEPTH)
      throw new UnusableYaml(node, `Lists or maps are nested more than ${MAX_DEPTH} deep here.`, 'Flatten them; no pipeline needs this.');
    this.count(node, 0);
    if (node.tag !== undefined && !IDLE_TAGS.has(node.tag)) throw unknownTag(node, node.tag);
    if (isAlias(node)) return this.valueOf(this.targetOf(node), depth);
    if (isScalar(node)) return this.textOf(node);
    this.open.add(node);
    try {
      return isMap(node) ? this.mapOf(node, depth) : this.listOf(node, depth);
    } finally {
      this.open.delete(node);
    }
  }

  private targetOf(alias: Alias): Node {
    const target = this.targets.get(alias);
    if (target && !this.open.has(target)) return target;
    throw new UnusableYaml(
      alias,
      `The alias "*${alias.source}" refers to a part that contains it.`,
      'Remove it, or give the shared part an anchor of its own.',
    );
  }

  private textOf(scalar: Scalar): string | null {
    const text = typeof scalar.value === 'string' ? scalar.value : (scalar.source ?? '');
    this.count(scalar, text.length);
    if (!isStorableText(text))
      throw new UnusableYaml(
        scalar,
        'This text contains a NUL character or half a character.',
        'Remove escapes like \\0 and \\ud800. If the whole file is full of NUL, it is UTF-16: save it as UTF-8.',
      );
    return text === '' && scalar.type === 'PLAIN' ? null : text;
  }

  private listOf(node: Node, depth: number): unknown[] {
    if (!isSeq(node)) throw new UnusableYaml(node, 'This is neither a list, a map nor a text.', 'Write it as one of these.');
    return node.items.map((item) => {
      if (isPair(item)) throw new UnusableYaml(item, 'Slipway does not understand this kind of list.', 'Write a map, or a list of maps.');
      return this.valueOf(item as Node, depth + 1);
    });
  }

  private mapOf(map: YAMLMap, depth: number): Record<string, unknown> {
    const values: Record<string, unknown> = {};
    const merged: Node[] = [];
    for (const pair of map.items) {
      const key = this.keyOf(pair);
      const value = pair.value as Node | null;
      if (key === MERGE && isPlain(pair.key)) {
        if (value) merged.push(value);
        continue;
      }
      if (Object.hasOwn(values, key))
        throw new UnusableYaml(
          pair,
          `The key "${shorten(key, 80, '…')}" is here for the second time.`,
          'Keep one of the two, or rename one.',
        );
      values[key] = value === null ? null : this.valueOf(value, depth + 1);
    }
    for (const node of merged) this.merge(node, values, depth + 1);
    return values;
  }

  private keyOf(pair: Pair): string {
    const key = isAlias(pair.key) ? this.targetOf(pair.key) : pair.key;
    if (!isScalar(key))
      throw new UnusableYaml(
        pair,
        'A key must be a text.',
        'Write a name before the colon; a text that begins with a bracket needs quotes.',
      );
    const text = this.textOf(key) ?? '';
    if (text === '__proto__') throw new UnusableYaml(pair, '"__proto__" can\'t be used as a name.', 'Rename it.');
    return text;
  }

  /** A map's own keys take precedence over merged ones, and what is merged first over what is merged later. */
  private merge(node: Node, values: Record<string, unknown>, depth: number): void {
    const source = this.valueOf(node, depth);
    for (const map of Array.isArray(source) ? source : [source]) {
      if (typeof map !== 'object' || map === null || Array.isArray(map))
        throw new UnusableYaml(node, '"<<" merges maps, but this is not a map.', 'Name a map by its alias, as in "<<: *defaults".');
      for (const [key, value] of Object.entries(map)) if (!Object.hasOwn(values, key)) values[key] = value;
    }
  }

  private count(node: Node, characters: number): void {
    this.values += characters === 0 ? 1 : 0;
    this.characters += characters;
    if (this.values <= MAX_VALUES && this.characters <= MAX_CHARACTERS) return;
    throw new UnusableYaml(
      node,
      `Here the file has more than ${MAX_VALUES} values, or ${MAX_CHARACTERS} characters, with its aliases filled in.`,
      'Use fewer aliases, and shorter lists.',
    );
  }
}

/** Nobody would be told what came of it otherwise: `!!binary` names other bytes, `!reference` another place, and `!main` is a pattern without its quotes. */
const unknownTag = (node: Node, tag: string) =>
  new UnusableYaml(
    node,
    `The tag "${shorten(tag.replace(/^tag:yaml\.org,2002:/, '!!'), 80, '…')}" is not understood.`,
    'Remove it. A text that begins with "!", such as a pattern, needs quotes.',
  );

const isPlain = (key: unknown): boolean => isScalar(key) && key.type === 'PLAIN';
