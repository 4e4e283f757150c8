import { canServe, type FreeAgent } from './match-jobs.js';
import { headOf, type Lane, nextInLine, standingIn } from './queue-order.js';

/**
 * Where jobs stand among those that wait for the same agents: 1 is next. Turns are counted as if a slot came free for each, in the order
 * in which jobs are given away; what waits for other agents is not before anybody here. What no agent can serve has no place.
 *
 * @param agents all that are connected and not draining
 * @param asked ids of jobs; only theirs are looked for, and counting stops once all are found
 */
export function queuePlaces(
  lanes: readonly Lane[],
  agents: readonly Omit<FreeAgent, 'free'>[],
  inUse: ReadonlyMap<string, number>,
  asked: ReadonlySet<string>,
): Map<string, number> {
  const able = new Map(lanes.map((lane) => [lane, agents.filter((agent) => canServe(agent, lane)).map(({ id }) => id)]));
  const served = lanes.filter((lane) => (able.get(lane) ?? []).length > 0);
  const wanted = served.filter((lane) => lane.jobs.some(({ id }) => asked.has(id)));
  const rivals = new Map(served.map((lane) => [lane, wanted.filter((other) => meet(able.get(lane), able.get(other)))]));
  const ahead = new Map<Lane, number>();
  const held = new Map(inUse);
  const places = new Map<string, number>();
  const open = standingIn(served.filter((lane) => (rivals.get(lane) ?? []).length > 0));
  let left = wanted.reduce((sum, lane) => sum + lane.jobs.filter(({ id }) => asked.has(id)).length, 0);
  for (let next = nextInLine(open, held); next && left > 0; next = nextInLine(open, held)) {
    const { lane } = next;
    const id = headOf(next)?.id as string;
    for (const rival of rivals.get(lane) ?? []) ahead.set(rival, (ahead.get(rival) ?? 0) + 1);
    if (asked.has(id)) {
      places.set(id, ahead.get(lane) ?? 1);
      left--;
    }
    next.taken++;
    held.set(lane.projectId, (held.get(lane.projectId) ?? 0) + 1);
  }
  return places;
}

function meet(left: readonly string[] = [], right: readonly string[] = []): boolean {
  return left.some((id) => right.includes(id));
}
