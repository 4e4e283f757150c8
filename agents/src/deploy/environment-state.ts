import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DesiredEnvironment, DesiredRelease, InstanceState } from '@slipway/protocol';
import { z } from 'zod';

export const InstanceRecord = z.object({
  instanceId: z.uuid(),
  releaseId: z.uuid(),
  /** Key in {@link EnvironmentState.releases}. */
  version: z.string(),
  port: z.number().int(),
  /** Share of its release while it is in the rotation; 0: it gets no traffic. */
  weight: z.number().int(),
  /** Was healthy once: when it fails later that is no failed rollout, it is restarted for ever. */
  proven: z.boolean(),
  state: InstanceState,
  startedAt: z.string(),
  restarts: z.number().int(),
  exitCode: z.number().int().nullable(),
  message: z.string().nullable(),
});
export type InstanceRecord = z.infer<typeof InstanceRecord>;

export const Failure = z.object({ generation: z.number().int(), code: z.string(), message: z.string(), releaseId: z.uuid().nullable() });
export type Failure = z.infer<typeof Failure>;

/** What an agent must know of an environment to go on after a restart, before the server answers. */
export const EnvironmentState = z.object({
  /** See `Sandbox.userOfEnvironment`. */
  userIndex: z.number().int(),
  desired: DesiredEnvironment,
  /** The generation whose weights the instances have; smaller than the desired one while that is being prepared. */
  switchedGeneration: z.number().int(),
  failure: Failure.nullable(),
  /** What the instances were started with: the same release with other variables is another entry. */
  releases: z.record(z.string(), DesiredRelease),
  instances: z.array(InstanceRecord),
});
export type EnvironmentState = z.infer<typeof EnvironmentState>;

const stateFile = (folder: string) => join(folder, 'state.json');

/** Null when there is none. Holds secrets, so only the agent may read it. */
export async function loadState(folder: string): Promise<EnvironmentState | null> {
  try {
    return EnvironmentState.parse(JSON.parse(await readFile(stateFile(folder), 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** After a crash the file holds the old state or the new one. */
export async function saveState(folder: string, state: EnvironmentState): Promise<void> {
  const file = stateFile(folder);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  {
    await using draft = await open(`${file}.new`, 'w', 0o600);
    await draft.writeFile(JSON.stringify(state));
    await draft.sync();
  }
  await rename(`${file}.new`, file);
  await using parent = await open(folder, 'r');
  await parent.sync();
}
