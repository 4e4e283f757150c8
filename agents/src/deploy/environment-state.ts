import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DesiredEnvironment, DesiredRelease, InstanceState, Limits } from '@slipway/protocol';
import { z } from 'zod';
import { removeTree } from '../sandbox/remove-tree.js';
import type { SealedText } from './sealed-text.js';

export const InstanceRecord = z.object({
  instanceId: z.uuid(),
  releaseId: z.uuid(),
  /** Key in {@link EnvironmentState.releases}. */
  version: z.string(),
  port: z.number().int(),
  /** The process that was seen to listen there for it. */
  listener: z.object({ pid: z.number().int(), startTime: z.number().int() }).nullable().default(null),
  /** Share of its release while it is in the rotation; 0: it gets no traffic. */
  weight: z.number().int(),
  /** Whether it was healthy once: a later failure is not a failed rollout, so it is restarted for ever. */
  proven: z.boolean(),
  state: InstanceState,
  startedAt: z.string(),
  restarts: z.number().int(),
  /** When, as far as it was within the last hour; milliseconds since the epoch. */
  restartedAt: z.array(z.number()).default([]),
  exitCode: z.number().int().nullable(),
  message: z.string().nullable(),
  /** The limits that it was started with and is started with again. Older agents did not store them. */
  limits: Limits.nullable().default(null),
});
export type InstanceRecord = z.infer<typeof InstanceRecord>;

/** Of one release with its settings, in the present generation: a newer one tries it again. */
export const Failure = z.object({ version: z.string(), code: z.string(), message: z.string(), releaseId: z.uuid() });
export type Failure = z.infer<typeof Failure>;

/** What an agent must know of an environment to go on after a restart, before the server answers. */
export const EnvironmentState = z.object({
  /** See `Sandbox.userOfEnvironment`. */
  userIndex: z.number().int(),
  desired: DesiredEnvironment,
  /** The generation whose weights the instances have; smaller than the desired one while that is being prepared. */
  switchedGeneration: z.number().int(),
  /** Older agents stored another form, which is not read: what failed is then tried again. */
  failures: z.array(Failure).default([]),
  /** What the instances were started with: the same release with other variables is another entry. */
  releases: z.record(z.string(), DesiredRelease),
  instances: z.array(InstanceRecord),
});
export type EnvironmentState = z.infer<typeof EnvironmentState>;

/** Sealed, as it holds secrets. */
const stateFile = (folder: string) => join(folder, 'state.sealed');
/** As earlier versions wrote it, in clear. */
const clearFile = (folder: string) => join(folder, 'state.json');

/** Where the state of an environment is kept: its own folder, named by its id, and what seals it. */
export type StatePlace = { folder: string; seal: SealedText };

/** Null when there is none. One that an earlier version left in clear is sealed at once. */
export async function loadState(place: StatePlace): Promise<EnvironmentState | null> {
  const sealed = await readIfThere(stateFile(place.folder));
  if (sealed) {
    const state = parseState(place.seal.open(basename(place.folder), sealed));
    await removeClear(place.folder);
    return state;
  }
  const clear = await readIfThere(clearFile(place.folder));
  if (!clear) return null;
  const state = parseState(clear.toString('utf8'));
  await new StateFile(place).save(state);
  return state;
}

const parseState = (text: string): EnvironmentState => EnvironmentState.parse(JSON.parse(text));

/** Writes the state whenever it has changed, one write after the other. After a crash the file holds an old state or the new one, whole. */
export class StateFile {
  private written = '';
  private turn: Promise<void> = Promise.resolve();
  private gone = false;

  constructor(private readonly place: StatePlace) {}

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
    await removeTree(this.place.folder);
  }

  private async write(text: string): Promise<void> {
    if (this.gone || text === this.written) return;
    const { folder, seal } = this.place;
    const file = stateFile(folder);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeThrough(`${file}.new`, seal.seal(basename(folder), text));
    await rename(`${file}.new`, file);
    await removeClear(folder);
    await using opened = await open(folder, 'r');
    await opened.sync();
    this.written = text;
  }
}

async function removeClear(folder: string): Promise<void> {
  for (const file of [clearFile(folder), `${clearFile(folder)}.new`]) await rm(file, { force: true });
}

async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function writeThrough(path: string, bytes: Uint8Array): Promise<void> {
  await using file = await open(path, 'w', 0o600);
  await file.writeFile(bytes);
  await file.sync();
}
