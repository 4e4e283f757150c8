/**
 * What Postgres refuses in texts and in jsonb becomes U+FFFD: NUL, and half of a surrogate pair, which JSON can spell ("\ud800"). Whoever wants to
 * refuse such a text instead looks at it before.
 */
export const storableText = (text: string): string => text.toWellFormed().replaceAll('\0', '\ufffd');

export const isStorableText = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

/** A value as JSON that Postgres takes as jsonb, keys included. Keys that become alike are one then, the last. */
export function jsonb(value: unknown): string {
  const json = JSON.stringify(value);
  // The escape may be part of the text itself, after a backslash: then the value is walked for nothing.
  return SUSPECT.test(json) ? JSON.stringify(storableTree(JSON.parse(json))) : json;
}

const SUSPECT = /\\u(?:0000|d[89a-f])/;

function storableTree(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(storableTree);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [storableText(key), storableTree(inner)]));
}

/** Parameters of a statement: texts, and lists of them. Everything else is left to the driver. */
export const storableParameters = (parameters: readonly unknown[]): unknown[] => parameters.map(storableParameter);

function storableParameter(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  return Array.isArray(value) ? value.map(storableParameter) : value;
}
