export type Variables = Record<string, string | number | boolean>;

export function texts(variables: Variables | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(variables ?? {}).map(([name, value]) => [name, String(value)]));
}
