import { findProgram } from '../sandbox/tools.js';

export type ShellCommand = {
  command: [string, ...string[]];
  /** For people: what the script is given to. */
  told: string;
};

/** Stop at the first command that fails; bash, also at one within a pipe. */
const OPTIONS: Record<string, string[]> = { bash: ['-eo', 'pipefail'], sh: ['-e'] };
const SCRIPT = '{0}';

/**
 * What runs a step's script.
 *
 * @param shell `bash`, `sh`, or a command line with `{0}` where the path of the script goes; null: bash where there is one
 * @param searchPath `PATH` of jobs
 * @returns null when there is no such shell; of a command line, the system finds out
 */
export function stepShell(shell: string | null, script: string, searchPath: string): ShellCommand | null {
  const name = shell ?? (findProgram('bash', searchPath) ? 'bash' : 'sh');
  const options = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
  if (!options) return { command: ['/usr/bin/env', ...wordsOf(name).map((word) => word.replaceAll(SCRIPT, () => script))], told: name };
  const program = findProgram(name, searchPath);
  return program ? { command: [program, ...options, script], told: [name, ...options].join(' ') } : null;
}

/** What starts an application: bash where there is one. Without `-e`, as a start command may try one thing after another. */
export const startShell = (script: string, searchPath: string): [string, ...string[]] => [
  findProgram('bash', searchPath) ?? '/bin/sh',
  script,
];

const wordsOf = (commandLine: string): string[] => commandLine.split(/\s+/).filter(Boolean);
