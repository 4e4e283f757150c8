import { ControlGroups } from './control-groups.js';
import { askToEnd, killAll, until } from './ending.js';
import { MARK, markOf, ownerOf } from './ownership.js';
import { markedWith, type ProcessId, withDescendants } from './process-tree.js';

/**
 * Ends all that runs of an agent, its jobs and the applications that outlive it: SIGTERM, the grace time, SIGKILL. For when the
 * agent can't do it, so it asks nothing of the agent and goes by what is seen on the machine.
 */
export async function endEverything(agentDir: string, graceMs: number): Promise<void> {
  const owner = ownerOf(agentDir);
  const marked = (): ProcessId[] => markedWith(MARK, (value) => value.startsWith(markOf(owner, '')));
  askToEnd(() => withDescendants(marked()));
  await until(() => marked().length === 0, graceMs);
  killAll(() => withDescendants(marked()));
  const groups = await ControlGroups.open(owner);
  for (const name of (await groups?.names()) ?? []) await groups?.destroy(name);
  await groups?.close();
}
