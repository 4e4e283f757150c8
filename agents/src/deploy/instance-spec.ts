import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DesiredEnvironment, DesiredRelease } from '@slipway/protocol';
import { shorten, whyTooLarge } from '@slipway/protocol';
import type { Mount, Sandbox, SandboxSpec, SandboxUser } from '../sandbox/sandbox.js';
import { writeScript } from '../shell/script-file.js';
import { startShell } from '../shell/shell.js';
import type { InstanceRecord } from './environment-state.js';

const APP_INSIDE = '/app';
/** In the folder of an instance: all that it can write to. */
export const HOME = 'home';
const HOME_INSIDE = '/home/job';
const SCRIPTS_INSIDE = '/slipway/start';
/** Of one instance, where the environment names no number. */
const MAX_PROCESSES = 1024;

/** Tells instances apart that run the same release with other settings. */
export function versionOf(release: DesiredRelease, limits: DesiredEnvironment['limits']): string {
  const { releaseId, artifact, start, env, secrets } = release;
  const sorted = (values: Record<string, string>) => Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
  const storage = limits.storageMib === null ? [] : [limits.storageMib];
  const text = JSON.stringify([
    releaseId,
    artifact.digest,
    start,
    sorted(env),
    sorted(secrets),
    limits.cpuCores,
    limits.memoryMib,
    ...storage,
  ]);
  return shorten(createHash('sha256').update(text).digest('hex'), 32);
}

/** Runs the release's start command in its read-only files, as the environment's own user, within its limits, with its one port. */
export async function instanceSpec(
  sandbox: Sandbox,
  environment: DesiredEnvironment,
  release: DesiredRelease,
  record: InstanceRecord,
  places: { user: SandboxUser; files: string; folder: string },
): Promise<SandboxSpec> {
  const app: Mount = { source: places.files, target: APP_INSIDE, writable: false };
  const home: Mount = { source: join(places.folder, HOME), target: HOME_INSIDE, writable: true };
  const scripts: Mount = { source: join(places.folder, 'start'), target: SCRIPTS_INSIDE, writable: false };
  await sandbox.makeOwned(home.source, places.user);
  await mkdir(scripts.source, { recursive: true, mode: 0o711 });
  await writeScript(scripts.source, 'start', release.start, places.user);
  const baseEnv = sandbox.baseEnv(sandbox.inside(home));
  const env = {
    ...baseEnv,
    SLIPWAY_PROJECT: environment.project,
    SLIPWAY_ENVIRONMENT: environment.name,
    SLIPWAY_RELEASE: release.version,
    ...release.env,
    ...release.secrets,
    PORT: String(record.port),
  };
  const tooLarge = whyTooLarge(env);
  if (tooLarge) throw new Error(`${tooLarge} Put long values into a file of the artifact instead.`);
  const { cpuCores, memoryMib } = record.limits ?? environment.limits;
  return {
    name: record.instanceId,
    user: places.user,
    command: startShell(join(sandbox.inside(scripts), 'start'), baseEnv.PATH ?? ''),
    cwd: sandbox.inside(app),
    env,
    mounts: [app, home, scripts],
    limits: { cpuCores, memoryMib, processes: MAX_PROCESSES },
    network: { kind: 'ports', ports: [record.port] },
  };
}
