/** Linux allows 128 KiB for one `NAME=value` with its closing NUL. */
const MAX_VARIABLE_BYTES = 128 * 1024;
/** Linux usually allows 2 MiB, a quarter of the stack, for arguments and environment together; the sandbox and the pointers need a part of it. */
export const MAX_ENVIRONMENT_BYTES = 1024 * 1024;
/** Bubblewrap accepts 9,000 arguments; each variable needs three. */
export const MAX_VARIABLES = 2_000;

export type EnvironmentSize = { variables: number; bytes: number };

export function environmentSize(env: Readonly<Record<string, string>>): EnvironmentSize {
  const entries = Object.entries(env);
  return { variables: entries.length, bytes: entries.reduce((sum, [name, value]) => sum + variableBytes(name, value), 0) };
}

/** Why no program could start with this environment: the system would refuse it (E2BIG). null: it fits. The message contains names, never values. */
export function whyTooLarge(env: Readonly<Record<string, string>>): string | null {
  for (const [name, value] of Object.entries(env)) {
    const bytes = variableBytes(name, value);
    if (bytes > MAX_VARIABLE_BYTES)
      return `The variable ${name} has ${bytes} bytes; the system allows ${MAX_VARIABLE_BYTES} for one variable.`;
  }
  return whySumTooLarge(environmentSize(env));
}

export function whySumTooLarge({ variables, bytes }: EnvironmentSize): string | null {
  if (variables > MAX_VARIABLES) return `There are ${variables} variables; at most ${MAX_VARIABLES} are allowed.`;
  return bytes > MAX_ENVIRONMENT_BYTES ? `The variables have ${bytes} bytes together; at most ${MAX_ENVIRONMENT_BYTES} are allowed.` : null;
}

/** With `=` and NUL. */
const variableBytes = (name: string, value: string): number => Buffer.byteLength(name) + Buffer.byteLength(value) + 2;
