/** Groups consecutive commits of the same local day. The order stays, because commits may claim any time. */
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
