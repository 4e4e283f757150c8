import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { DesiredEnvironment, DesiredRelease, InstanceState } from '@slipway/protocol';
import { z } from 'zod';
import { removeTree } from '../sandbox/remove-tree.js';

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
  /** When, as far as it was within the last hour; milliseconds since the epoch. */
  restartedAt: z.array(z.number()).default([]),
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

/** Writes the state whenever it has changed, one write after the other. After a crash the file holds an old state or the new one, whole. */
export class StateFile {
  private written = '';
  private turn: Promise<void> = Promise.resolve();
  private gone = false;

  constructor(private readonly folder: string) {}

  /** Resolves once the state as it is now is on disk. */
  save(state: EnvironmentState): Promise<void> {
    const text = JSON.stringify(state);
    const write = () => this.write(text);
    this.turn = this.turn.then(write, write);
    return this.turn;
  }

  /** Removes the whole folder; nothing is written to it any more. */
  async remove(): Promise<void> {
    this.gone = true;
    await this.turn.catch(() => undefined); // that a last write failed doesn't matter any more
    await removeTree(this.folder);
  }

  private async write(text: string): Promise<void> {
    if (this.gone || text === this.written) return;
    const file = stateFile(this.folder);
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await writeThrough(`${file}.new`, text);
    await rename(`${file}.new`, file);
    await using folder = await open(this.folder, 'r');
    await folder.sync();
    this.written = text;
  }
}

async function writeThrough(path: string, text: string): Promise<void> {
  await using file = await open(path, 'w', 0o600);
  await file.writeFile(text);
  await file.sync();
}
