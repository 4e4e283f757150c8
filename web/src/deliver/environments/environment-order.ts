const USUAL = ['development', 'dev', 'testing', 'test', 'staging', 'production', 'prod'];

/** The usual names in the order that releases travel, the rest after them by name. */
export function inOrder<T extends { name: string }>(environments: readonly T[]): T[] {
  const rank = ({ name }: T) => {
    const at = USUAL.indexOf(name);
    return at < 0 ? USUAL.length : at;
  };
  return [...environments].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}
