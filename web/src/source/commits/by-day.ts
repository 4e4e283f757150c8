/** Groups what follows each other on the same day here; the order stays, as commits tell of their time what they like. */
export function byDay<T extends { committedAt: string }>(commits: T[]): { day: string; commits: T[] }[] {
  const groups: { day: string; commits: T[] }[] = [];
  for (const commit of commits) {
    const day = new Date(commit.committedAt).toLocaleDateString(undefined, { dateStyle: 'full' });
    const last = groups.at(-1);
    if (last?.day === day) last.commits.push(commit);
    else groups.push({ day, commits: [commit] });
  }
  return groups;
}
