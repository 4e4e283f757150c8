import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** What reading and running a document costs, told by its text alone. */
export type Shape = {
  definitions: number;
  /** Nested selections; introspection is not counted. */
  depth: number;
  /** Of the operation that has most. */
  rootFields: number;
  /** Fields of an operation with its fragments put in; of the one that has most. */
  fields: number;
  aliases: number;
  /** Fields with the name of an earlier one beside them: GraphQL compares each with each. */
  repeated: number;
  spreads: number;
  directives: number;
};

type Part = { depth: number; fields: number; top: number };

const NOTHING: Part = { depth: 0, fields: 0, top: 0 };
/** Fragments that double at every step soon have more fields than a number holds. */
const ENDLESS = 1_000_000;

/**
 * Each piece of text is looked at once, however often fragments repeat it. Circles of fragments end at their first repetition; GraphQL's own
 * rules refuse them.
 */
export function shapeOf(document: DocumentNode): Shape {
  return new Measuring(document).shape();
}

/** Names of the fields that an operation asks of its root, those in fragments included. */
export function rootFieldsOf(operation: OperationDefinitionNode, document: DocumentNode): Set<string> {
  const fragments = fragmentsOf(document);
  const names = new Set<string>();
  const seen = new Set<string>();
  const walk = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) names.add(selection.name.value);
      else if (selection.kind === Kind.INLINE_FRAGMENT) walk(selection.selectionSet);
      else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        const fragment = fragments.get(selection.name.value);
        if (fragment) walk(fragment.selectionSet);
      }
    }
  };
  walk(operation.selectionSet);
  return names;
}

class Measuring {
  private aliases = 0;
  private repeated = 0;
  private spreads = 0;
  private directives = 0;
  private readonly fragments: Map<string, FragmentDefinitionNode>;
  private readonly measured = new Map<string, Part>();

  constructor(private readonly document: DocumentNode) {
    this.fragments = fragmentsOf(document);
  }

  shape(): Shape {
    let whole = NOTHING;
    for (const definition of this.document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.fragment(definition.name.value);
      if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
      this.directives += definition.directives?.length ?? 0;
      for (const variable of definition.variableDefinitions ?? []) this.directives += variable.directives?.length ?? 0;
      const part = this.part(definition.selectionSet, new Set());
      whole = {
        depth: Math.max(whole.depth, part.depth),
        fields: Math.max(whole.fields, part.fields),
        top: Math.max(whole.top, part.top),
      };
    }
    const { aliases, repeated, spreads, directives } = this;
    const definitions = this.document.definitions.length;
    return { definitions, depth: whole.depth, rootFields: whole.top, fields: whole.fields, aliases, repeated, spreads, directives };
  }

  /** @param names that were seen beside these selections: an inline fragment's are beside those around it */
  private part(set: SelectionSetNode, names: Set<string>): Part {
    let [depth, fields, top] = [0, 0, 0];
    for (const selection of set.selections) {
      const part = this.selection(selection, names);
      depth = Math.max(depth, part.depth);
      fields = Math.min(ENDLESS, fields + part.fields);
      top = Math.min(ENDLESS, top + part.top);
    }
    return { depth, fields, top };
  }

  private selection(selection: SelectionNode, names: Set<string>): Part {
    this.directives += selection.directives?.length ?? 0;
    if (selection.kind === Kind.FIELD) return this.field(selection, names);
    if (selection.kind === Kind.INLINE_FRAGMENT) return this.part(selection.selectionSet, names);
    this.spreads++;
    return this.fragment(selection.name.value);
  }

  private field(field: FieldNode, names: Set<string>): Part {
    const name = (field.alias ?? field.name).value;
    if (names.has(name)) this.repeated++;
    names.add(name);
    if (field.alias) this.aliases++;
    const inner = field.selectionSet ? this.part(field.selectionSet, new Set()) : NOTHING;
    return { depth: field.name.value.startsWith('__') ? 1 : 1 + inner.depth, fields: Math.min(ENDLESS, 1 + inner.fields), top: 1 };
  }

  private fragment(name: string): Part {
    const known = this.measured.get(name);
    if (known) return known;
    const fragment = this.fragments.get(name);
    if (!fragment) return NOTHING;
    this.measured.set(name, NOTHING);
    this.directives += fragment.directives?.length ?? 0;
    const part = this.part(fragment.selectionSet, new Set());
    this.measured.set(name, part);
    return part;
  }
}

function fragmentsOf(document: DocumentNode): Map<string, FragmentDefinitionNode> {
  const fragments = document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
}
