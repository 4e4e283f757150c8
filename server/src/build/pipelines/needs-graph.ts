type NeedsOf = (name: string) => readonly string[];

/**
 * A circle of needs, in order, or null. Depth first without recursion: a chain may be as long as the file.
 */
export function findCycle(names: readonly string[], needsOf: NeedsOf): string[] | null {
  const done = new Set<string>();
  for (const start of names) {
    const path: string[] = [];
    const waiting: { name: string; depth: number }[] = [{ name: start, depth: 0 }];
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      for (const left of path.splice(next.depth)) done.add(left);
      const again = path.indexOf(next.name);
      if (again !== -1) return path.slice(again);
      if (done.has(next.name)) continue;
      path.push(next.name);
      const depth = path.length;
      waiting.push(...needsOf(next.name).map((name) => ({ name, depth })));
    }
    for (const left of path) done.add(left);
  }
  return null;
}

/** These names, and everything that they need, directly or through others. */
export function reachable(names: readonly string[], needsOf: NeedsOf): string[] {
  const found = new Set<string>();
  const waiting = [...names];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    waiting.push(...needsOf(next));
  }
  return [...found];
}
