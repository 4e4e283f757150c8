import { registerEnumType } from 'type-graphql';

/**
 * Registers a closed set of words as an enum of the schema and returns what `@Field` and `@Arg` take. Clients see its values as GraphQL
 * names them (`ROLLED_BACK`, `BLUE_GREEN`), the code keeps its own words (`rolled_back`, `blue-green`).
 *
 * @param words a list, or what each word means; for a union of types take the latter, in which none can be forgotten
 */
export function enumOf<const T extends string>(
  name: string,
  description: string,
  words: readonly T[] | { [K in T]: string },
): Record<string, T> {
  const meanings = Array.isArray(words) ? [] : Object.entries<string>(words as { [K in T]: string });
  const list = (Array.isArray(words) ? words : Object.keys(words)) as readonly T[];
  const byName = Object.fromEntries(list.map((word) => [nameOf(word), word]));
  const valuesConfig = Object.fromEntries(meanings.map(([word, meaning]) => [nameOf(word), { description: meaning }]));
  registerEnumType(byName, { name, description, valuesConfig });
  return byName;
}

function nameOf(word: string): string {
  return word.toUpperCase().replaceAll('-', '_');
}
