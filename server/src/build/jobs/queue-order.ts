import { type JobKind } from '@slipway/protocol';
/** What a job asks of the agent that runs it. */
export type Wants = {
  kind: JobKind;
  tags: string[];
  pinnedAgentId: string | null;
  /** Whether it runs the project's own code rather than code of strangers. */
  trusted: boolean;
};
export type QueuedJob = { id: string; priority: number; queuedAt: Date };
/**
 * Queued jobs of one project that ask for the same things and were lost by the same agents: what can serve one can serve all, so that a
 * lane is looked at once however long it is. `jobs`: highest priority first, then oldest; never empty.
 */
export type Lane = Wants & { projectId: string; lostBy: string[]; jobs: readonly QueuedJob[] };

/** A lane and how many of its jobs have had their turn. */
export type Standing = { lane: Lane; taken: number };

export const standingIn = (lanes: readonly Lane[]): Standing[] => lanes.map((lane) => ({ lane, taken: 0 }));

/**
 * The order in which queued jobs start, used to assign them and to tell people their place: priority, then the project that holds the fewest slots
 * (so that a burst of one project does not starve the others), then age.
 *
 * @param held slots by project; the caller adds those that it assigns
 * @returns the lane whose first job that has not been taken is next; undefined when none is left
 */
export function nextInLine(lanes: readonly Standing[], held: ReadonlyMap<string, number>): Standing | undefined {
  let first: Standing | undefined;
  for (const each of lanes) if (headOf(each) && (!first || isBefore(each, first, held))) first = each;
  return first;
}

/** Undefined once all of its jobs were taken. */
export function headOf({ lane, taken }: Standing): QueuedJob | undefined {
  return lane.jobs[taken];
}

function isBefore(a: Standing, b: Standing, held: ReadonlyMap<string, number>): boolean {
  const [left, right] = [headOf(a) as QueuedJob, headOf(b) as QueuedJob];
  const bySlots = (held.get(a.lane.projectId) ?? 0) - (held.get(b.lane.projectId) ?? 0);
  const byAge = left.queuedAt.getTime() - right.queuedAt.getTime();
  return (right.priority - left.priority || bySlots || byAge || (left.id < right.id ? -1 : 1)) < 0;
}
