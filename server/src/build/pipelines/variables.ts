/** As the file has them: null is a key without a value. */
export type Variables = Record<string, string | null>;

export function texts(variables: Variables | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(variables ?? {}).map(([name, value]) => [name, value ?? '']));
}
