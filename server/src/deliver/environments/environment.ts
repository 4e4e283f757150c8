import { type DeployFailure, type HealthCheck, type Observed, shorten } from '@slipway/protocol';
import { ENVIRONMENT_NAME, ENVIRONMENT_NAME_RULE, VARIABLE_NAME } from '../../build/pipelines/names.js';
import { DomainError } from '../../platform/errors.js';

export type EnvironmentState = 'active' | 'deleting' | 'deleted';

/** null: unlimited. */
export type Limits = { cpuCores: number | null; memoryMib: number | null; storageMib: number | null };

/** Which version of a secret, without its value. */
export type SecretRef = { secretId: string; name: string; environmentId: string | null; version: number };

/**
 * One release as it should be on the target, as it is stored: secrets by reference, never by value.
 *
 * `releaseId` is the id by which the agent knows it. It is the id of the release, unless the same release already runs there with another
 * configuration: then it is an id of its own, so that both can run side by side during a switch.
 */
export type PlacedRelease = {
  releaseId: string;
  ofRelease: string;
  version: string;
  weight: number;
  instances: number;
  artifact: { digest: string; size: number };
  start: string;
  env: Record<string, string>;
  secrets: SecretRef[];
  health: HealthCheck;
  drainMs: number;
};

export type EnvironmentRow = Limits & {
  id: string;
  projectId: string;
  project: string;
  name: string;
  state: EnvironmentState;
  agentId: string | null;
  port: number | null;
  variables: Record<string, string>;
  generation: number;
  desired: PlacedRelease[];
  currentReleaseId: string | null;
  warmReleaseId: string | null;
  observed: Observed | null;
  /** Milliseconds since the last observation; null: none yet. */
  observedAgeMs: number | null;
};

/** What the agent could not apply of the observed generation. Older observations contain only the first failure. */
export function failuresIn({ failures, error }: Observed): readonly DeployFailure[] {
  if (failures?.length) return failures;
  return error ? [error] : [];
}

/** @throws DomainError */
export function checkEnvironmentName(name: string): void {
  if (ENVIRONMENT_NAME.test(name)) return;
  throw new DomainError(
    'bad_input',
    'bad_environment_name',
    `"${shorten(name, 80)}" can't name an environment. Use ${ENVIRONMENT_NAME_RULE}, e.g. "staging".`,
  );
}

export const LIMIT_BOUNDS: Record<keyof Limits, { least: number; most: number; what: string }> = {
  cpuCores: { least: 0.05, most: 256, what: 'CPU cores' },
  memoryMib: { least: 32, most: 1024 * 1024, what: 'MiB of memory' },
  storageMib: { least: 64, most: 16 * 1024 * 1024, what: 'MiB of storage' },
};

/** @throws DomainError */
export function checkLimits(limits: Partial<Limits>): void {
  for (const [name, { least, most, what }] of Object.entries(LIMIT_BOUNDS)) {
    const value = limits[name as keyof Limits];
    if (value === null || value === undefined || (value >= least && value <= most)) continue;
    throw new DomainError(
      'bad_input',
      'bad_limit',
      `${name} is ${value}; it must be ${least} to ${most} ${what}. Leave it empty for no limit.`,
    );
  }
}

/** What the server itself sets for an instance. */
const OWN_VARIABLE = /^(?:PORT|RELEASE|SLIPWAY_.*)$/;
const MAX_VARIABLES = 500;
const MAX_VARIABLE_BYTES = 64 * 1024;

export const isOwnVariable = (name: string): boolean => OWN_VARIABLE.test(name);

/** @throws DomainError */
export function checkVariables(variables: readonly { name: string; value: string }[]): void {
  if (variables.length > MAX_VARIABLES) throw badVariable(`${variables.length} variables are too many; ${MAX_VARIABLES} are allowed.`);
  const names = new Set<string>();
  for (const { name, value } of variables) {
    if (!VARIABLE_NAME.test(name))
      throw badVariable(`"${shorten(name, 80)}" can't name a variable. Use 1 to 255 letters, digits and "_", not beginning with a digit.`);
    if (isOwnVariable(name)) throw badVariable(`"${name}" is set by Slipway itself. Choose another name.`);
    if (names.has(name)) throw badVariable(`"${name}" is given twice. Give each variable once.`);
    if (value.includes('\0'))
      throw badVariable(`The value of "${name}" contains a NUL character, which no process can be given. Remove it.`);
    if (Buffer.byteLength(value) > MAX_VARIABLE_BYTES)
      throw badVariable(`The value of "${name}" is longer than 64 KiB. Put it into a file of the release instead.`);
    names.add(name);
  }
}

const badVariable = (message: string) => new DomainError('bad_input', 'bad_variable', message);
