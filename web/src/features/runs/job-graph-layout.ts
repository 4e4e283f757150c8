/** What a job's place in the graph depends on. */
type GraphJob = { id: string; name: string; needs: string[]; position: number };

/** Column: one past the furthest job that it needs. Row: in the order of the pipeline, packed to the top. */
export function placeJobs<T extends GraphJob>(jobs: T[]): { job: T; column: number; row: number }[] {
  const byName = new Map(jobs.map((job) => [job.name, job]));
  const columns = new Map<string, number>();
  const columnOf = (job: T, path: ReadonlySet<string>): number => {
    const known = columns.get(job.name);
    if (known !== undefined) return known;
    // A circle is refused by the server; should one arrive all the same, it must not hang the page.
    const needed = job.needs.flatMap((name) => byName.get(name) ?? []).filter((each) => !path.has(each.name));
    const column = Math.max(-1, ...needed.map((each) => columnOf(each, new Set(path).add(job.name)))) + 1;
    columns.set(job.name, column);
    return column;
  };
  const taken = new Map<number, number>();
  return [...jobs]
    .sort((a, b) => a.position - b.position)
    .map((job) => {
      const column = columnOf(job, new Set());
      const row = taken.get(column) ?? 0;
      taken.set(column, row + 1);
      return { job, column, row };
    });
}
